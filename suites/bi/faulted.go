package bi

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("bi", Label("bi", "bi-create"), func() {
	It("of a faulted volume is refused; what becomes of other snapshots of it, and of deleting one, is noted",
		Label("clause:C-47", "clause:C-24", "clause:D-09"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, _, _ := filled(ctx, env)
			backup := harness.Must(env.ReadyBackup(ctx, "backup", claim))
			By("restoring a backup of which a block is lost")
			faulted := harness.Must(env.FaultedClaim(ctx, harness.Claim{Name: "faulted", MiB: volumeMiB, Block: true}, backup))
			handle := harness.Must(env.HandleOf(ctx, faulted))

			snapshot := harness.Must(env.CreateSnapshot(ctx, "image", faulted, harness.ImageClass))
			harness.Must(env.WaitRefused(ctx, snapshot, "code = Internal", "faulted volume"))
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed(), "what was refused can be deleted")
			for _, image := range harness.Must(longhorn.Images(ctx, env.Client)) {
				Expect(image.Spec.SourceParameters["volume-name"]).NotTo(Equal(handle), "backing image %s of the faulted volume", image.Name)
			}

			By("asking for snapshots of other types")
			for kind, class := range map[string]string{"snap": harness.SnapClass, "bak": harness.BackupClass} {
				snapshot := harness.Must(env.CreateSnapshot(ctx, kind, faulted, class))
				failure := harness.Must(env.WaitBackupEnd(ctx, snapshot))
				// Now: the end of the spec heals the volume, and what is still asked for would be taken while it is deleted.
				Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
				harness.Observe("C-24", failure != "", "%s of a faulted volume: refused with %q", kind, failure)
			}

			By("deleting a snapshot of it that is not there")
			stuck := harness.Must(env.ImportToDelete(ctx, "stuck", "snap://"+handle+"/no-such-snapshot", corev1.PersistentVolumeBlock))
			refusal := harness.Must(env.DeletionEnd(ctx, stuck))
			harness.Observe("D-09", refusal != "", "deleting a snap of a faulted volume: refused with %q", refusal)
		})
})
