package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("bak", Label("bak", "bak-create"), func() {
	It("asked for again under the same name answers the same handle, creationTime and restoreSize and makes no second backup",
		Label("clause:C-30", "clause:S-03"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod, _ := filled(ctx, env, harness.Claim{Name: "source"})
			snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
			first := harness.Must(env.ContentOf(ctx, snapshot))

			By("changing the volume and making the sidecar forget the answer, so that it calls CreateSnapshot again")
			harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 8}))
			again := harness.Must(env.RepeatCreateSnapshot(ctx, first))

			Expect(again.Status.SnapshotHandle).To(Equal(first.Status.SnapshotHandle), "same handle")
			Expect(again.Status.CreationTime).To(Equal(first.Status.CreationTime), "same creationTime")
			Expect(again.Status.RestoreSize).To(Equal(first.Status.RestoreSize), "same restoreSize")
			volume := harness.Must(env.HandleOf(ctx, claim))
			Expect(longhorn.BackupsOf(ctx, env.Client, volume)).To(HaveLen(1), "no second Backup, although the sidecar asked several times")
			Expect(longhorn.SnapshotsOf(ctx, env.Client, volume)).To(HaveLen(1), "no second local snapshot")
		})
})
