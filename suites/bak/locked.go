package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/s3front"
)

// deletedWhileRestored deletes a backup while a restore of it is held half way.
func deletedWhileRestored(ctx SpecContext) {
	env := harness.BeginBackups(ctx)
	target, front, err := env.CreateFaultyTarget(ctx)
	Expect(err).NotTo(HaveOccurred())
	claim, pod := inUse(ctx, env, harness.Claim{Name: "source", MiB: volumeMiB, Class: target.Class, Block: true})
	harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 24}))
	whole := harness.Must(pod.Sum(ctx, workload.Content{MiB: volumeMiB}))
	snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
	volume, name := namesOf(ctx, env, snapshot)

	By("holding a restore half way")
	Expect(front.Set(ctx, onBlocks(s3front.Hold, "GET", 0))).To(Succeed())
	restoring := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "restored", MiB: volumeMiB, Snapshot: "backup", Block: true}))
	Expect(front.WaitHeld(ctx, 1)).To(Succeed())

	By("deleting the backup, and waiting until the driver has tried and given its lock back, twice: who breaks locks removes one first")
	given := harness.Must(front.Stats(ctx)).Count(s3front.Lock, "DELETE")
	Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed(), "Kubernetes' side does not wait")
	Expect(front.WaitRequests(ctx, s3front.Lock, "DELETE", given+2)).To(Succeed())
	harness.Must(longhorn.Backup(ctx, env.Client, name))
	found := harness.Must(env.Audit(ctx, target.Prefix, true, volume))
	_, there := found.Backup(volume, name)
	Expect(there).To(BeTrue(), "the bucket has the backup as long as it is being restored")
	Expect(found.Lost()).To(BeEmpty(), "and all its blocks")

	By("letting the restore go on")
	Expect(front.Clear(ctx)).To(Succeed())
	reader := harness.Must(env.StartPod(ctx, "reader", harness.Must(env.WaitRestored(ctx, restoring))))
	Expect(reader.Sum(ctx, workload.Content{MiB: volumeMiB})).To(Equal(whole), "SHA-256 of the restore")
	Expect(env.WaitBackupGone(ctx, name)).To(Succeed())
	Expect(harness.Must(env.Audit(ctx, target.Prefix, false, volume)).Counts.Blocks).To(BeZero(), "blocks that are left")
}

var _ = Describe("bak", Label("bak", "backupstore"), func() {
	It("deleted while it is being restored goes only when the restore has ended, which has all data",
		Label("clause:D-25", "clause:B-10", "needs:B-28"), SpecTimeout(timeouts.Spec), deletedWhileRestored)
})
