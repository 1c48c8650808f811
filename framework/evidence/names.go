package evidence

import (
	"context"
	"fmt"
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// know adds the names that the sidecars make from the UID of an object.
func (g *gathering) know(kind string, uid types.UID) {
	switch {
	case uid == "":
	case kind == "PersistentVolumeClaim":
		g.known["pvc-"+string(uid)] = true
	case kind == "VolumeSnapshot":
		g.known["snapshot-"+string(uid)], g.known["snapcontent-"+string(uid)] = true, true
	}
}

// past adds the names of objects that are gone: events outlive what they are about.
func (g *gathering) past(ctx context.Context) {
	var list corev1.EventList
	if err := g.client.List(ctx, &list, client.InNamespace(g.namespace)); err != nil {
		g.failures = append(g.failures, fmt.Errorf("list events for evidence: %w", err))
	}
	for _, event := range list.Items {
		g.know(event.InvolvedObject.Kind, event.InvolvedObject.UID)
	}
}

// handleNames are the names within the handles of a content, such as those of the
// volume and the backup in "bak://pvc-1/backup-2".
func handleNames(content *snapshotv1.VolumeSnapshotContent) []string {
	var names []string
	add := func(handle *string) {
		if handle == nil {
			return
		}
		_, path, _ := strings.Cut(*handle, "://")
		for _, part := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/?&=", r) }) {
			if len(part) >= shortestName && strings.Contains(part, "-") {
				names = append(names, part)
			}
		}
	}
	add(content.Spec.Source.SnapshotHandle)
	add(content.Spec.Source.VolumeHandle)
	if content.Status != nil {
		add(content.Status.SnapshotHandle)
	}
	return names
}

// shortestName is the length from which on a part of a handle is the name of one thing only.
const shortestName = 16
