// Package dr holds the specs about standby volumes, which follow the backups of another cluster.
package dr

import (
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// volumeMiB is the size of volumes here.
const volumeMiB = 64

// Serial, because Longhorn lets nobody change any backup target while there is a standby volume.
var _ = Describe("standby volume", Serial, Label("dr"), func() {
	It("has neither snapshots nor backups taken: both are refused; what becomes of deleting one is noted",
		Label("clause:C-23", "clause:C-35", "clause:D-09"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			source := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: volumeMiB}))
			pod := harness.Must(env.StartPod(ctx, "user", source))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			backup := harness.Must(env.BackupBehind(ctx, harness.Must(env.ReadyBackup(ctx, "backup", source))))

			By("making a volume that follows the source's backups, and binding a claim to it")
			volume := harness.Must(env.CreateVolume(ctx, "standby", volumeMiB, func(spec *longhornv1beta2.VolumeSpec) {
				spec.Standby, spec.Frontend, spec.FromBackup = true, longhornv1beta2.VolumeFrontendEmpty, backup.Status.URL
			}))
			harness.Must(env.WaitVolume(ctx, volume.Name, "stand by", func(volume *longhornv1beta2.Volume) (bool, string) {
				status := volume.Status
				return status.IsStandby && status.RestoreInitiated, fmt.Sprintf("isStandby %t, restoreInitiated %t", status.IsStandby, status.RestoreInitiated)
			}))
			claim := harness.Must(env.ClaimVolume(ctx, "standby", volume))

			for name, class := range map[string]string{"snap": harness.SnapClass, "bak": harness.BackupClass} {
				snapshot := harness.Must(env.CreateSnapshot(ctx, name, claim, class))
				text := harness.Must(env.WaitRefused(ctx, snapshot, "code = Internal", "standby volume"))
				AddReportEntry(name+" of a standby volume", text)
			}
			Expect(longhorn.BackupsOf(ctx, env.Client, volume.Name)).To(BeEmpty(), "no backup of the standby volume is made")

			Expect(env.WaitUnlocked(ctx, "", backup.Status.VolumeName)).To(Succeed(), "the first restore of the standby volume has ended")
			By("deleting a snapshot of it that is not there")
			stuck := harness.Must(env.ImportToDelete(ctx, "stuck", "snap://"+volume.Name+"/no-such-snapshot", corev1.PersistentVolumeFilesystem))
			refusal := harness.Must(env.DeletionEnd(ctx, stuck))
			harness.Observe("D-09", refusal != "", "deleting a snap of a standby volume: refused with %q", refusal)
		})
})
