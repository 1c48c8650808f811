package backupstore

import (
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/s3front"
)

// expired makes a lock look as if nobody had renewed it for long.
func expired(lock *harness.Lock) s3front.Fault {
	return s3front.Fault{Kind: s3front.Aged, Method: "HEAD", Key: lock.Key}
}

// lockedByOthers backs up and deletes while locks of another cluster are in the bucket.
func lockedByOthers(ctx SpecContext) {
	env := harness.BeginBackups(ctx)
	target, front, err := env.CreateFaultyTarget(ctx)
	Expect(err).NotTo(HaveOccurred())
	claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: volumeMiB, Block: true, Class: target.Class}))
	pod := harness.Must(env.StartPod(ctx, "user", claim))
	harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
	volume := harness.Must(env.HandleOf(ctx, claim))

	By("backing up while a foreign lock says that something is being deleted")
	lock := harness.Must(env.PutLock(ctx, target.Prefix, volume, harness.DeletionLock))
	early := harness.Must(env.CreateBackup(ctx, "early", claim))
	failed := harness.Must(env.WaitBackupOf(ctx, volume, longhornv1beta2.BackupStateError))
	Expect(failed.Status.Error).To(ContainSubstring("lock"), "the backup says what kept it out")
	Expect(harness.Must(env.Audit(ctx, target.Prefix, true, volume)).Counts.Blocks).To(BeZero(), "blocks that were uploaded in spite of the lock")
	Expect(env.DeleteSnapshot(ctx, early)).To(Succeed())

	By("backing up when that lock has expired")
	Expect(front.Set(ctx, expired(lock))).To(Succeed())
	snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
	_, name, err := harness.SplitHandle(harness.Must(env.SnapshotHandleOf(ctx, snapshot)))
	Expect(err).NotTo(HaveOccurred())
	Expect(harness.Must(front.Stats(ctx)).Hits).To(BeNumerically(">", 0), "the driver has looked at the lock's age")
	Expect(lock.Remove(ctx)).To(Succeed())
	Expect(front.Clear(ctx)).To(Succeed())

	By("deleting while a foreign lock says that something is being restored")
	lock = harness.Must(env.PutLock(ctx, target.Prefix, volume, harness.SharedLock))
	given := harness.Must(front.Stats(ctx)).Count(s3front.Lock, "DELETE")
	Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed(), "Kubernetes' side does not wait")
	Expect(front.WaitRequests(ctx, s3front.Lock, "DELETE", given+2)).To(Succeed(), "the driver has tried and given its lock back, twice")
	harness.Must(longhorn.Backup(ctx, env.Client, name))
	_, there := harness.Must(env.Audit(ctx, target.Prefix, true, volume)).Backup(volume, name)
	Expect(there).To(BeTrue(), "the bucket has the backup as long as the lock is valid")

	By("deleting when that lock has expired")
	Expect(front.Set(ctx, expired(lock))).To(Succeed())
	Expect(env.WaitBackupGone(ctx, name)).To(Succeed())
	Expect(harness.Must(env.Audit(ctx, target.Prefix, true, volume)).Counts.Blocks).To(BeZero(), "blocks that are left")
	Expect(lock.Remove(ctx)).To(Succeed())
}

var _ = Describe("backupstore", Label("backupstore"), func() {
	It("keeps a backup out while another cluster deletes, and a deletion while it restores, until their locks have expired",
		Label("clause:B-10", "needs:B-28"), SpecTimeout(timeouts.Spec), lockedByOthers)
})
