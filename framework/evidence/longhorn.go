package evidence

import (
	"context"

	"github.com/muster-csi/muster/framework/longhorn"
)

// longhorn appends Longhorn's own resources of the spec: its volumes, and what was made of them.
func (g *gathering) longhorn(ctx context.Context) {
	volumes, err := longhorn.Volumes(ctx, g.client)
	g.failures = append(g.failures, err)
	for i := range volumes {
		if g.known[volumes[i].Name] {
			g.objects = append(g.objects, &volumes[i])
		}
	}
	snapshots, err := longhorn.Snapshots(ctx, g.client)
	g.failures = append(g.failures, err)
	for i := range snapshots {
		if g.known[snapshots[i].Spec.Volume] || g.known[snapshots[i].Name] {
			g.known[snapshots[i].Name] = true
			g.objects = append(g.objects, &snapshots[i])
		}
	}
	backups, err := longhorn.Backups(ctx, g.client)
	g.failures = append(g.failures, err)
	for i := range backups {
		if backup := &backups[i]; g.known[backup.Name] || g.known[backup.Spec.SnapshotName] || g.known[backup.Status.VolumeName] {
			g.known[backup.Name] = true
			g.objects = append(g.objects, backup)
		}
	}
	images, err := longhorn.Images(ctx, g.client)
	g.failures = append(g.failures, err)
	for i := range images {
		if g.known[images[i].Name] {
			g.objects = append(g.objects, &images[i])
		}
	}
}
