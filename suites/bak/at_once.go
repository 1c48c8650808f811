package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("bak", Label("bak", "bak-restore"), func() {
	It("is restorable from the instant it is ready, also when its source is deleted at that instant",
		Label("clause:R-37", "clause:C-30"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod, written := filled(ctx, env, harness.Claim{Name: "source"})
			stopFirst := env.Follows("1.5") // before, a detached volume was not backed up (C-36)
			if stopFirst {
				Expect(pod.Stop(ctx)).To(Succeed())
			}

			snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
			if !stopFirst {
				Expect(pod.Stop(ctx)).To(Succeed())
			}
			By("asking for the restore and deleting the source as soon as it is ready")
			target := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "restored", MiB: volumeMiB, Snapshot: "backup"}))
			Expect(env.DeleteClaim(ctx, claim)).To(Succeed())
			Expect(harness.Must(env.BackupBehind(ctx, snapshot)).Status.State).To(Equal(longhornv1beta2.BackupStateCompleted))

			target = harness.Must(env.WaitRestored(ctx, target))
			reader := harness.Must(env.StartPod(ctx, "reader", target))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")

			By("restoring once more, when nothing of the source is left")
			Expect(longhorn.SnapshotsOf(ctx, env.Client, claim.Spec.VolumeName)).To(BeEmpty())
			again := restored(ctx, env, "backup", harness.Claim{})
			Expect(again.Sum(ctx, workload.Content{})).To(Equal(written), "content of the second restore")
		})
})
