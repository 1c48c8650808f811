package bak

import (
	"context"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("bak", Label("bak", "bak-delete"), func() {
	It("deleted with policy Delete leaves the bucket with all blocks that no other needs, and its local snapshot stays",
		Label("clause:D-07", "clause:D-24", "clause:B-09", "clause:S-07"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, _, _ := filled(ctx, env, harness.Claim{Name: "source"})
			snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
			content := harness.Must(env.ContentOf(ctx, snapshot))
			volume, name := namesOf(ctx, env, snapshot)

			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())
			Expect(env.WaitBackupGone(ctx, name)).To(Succeed())

			found := harness.Must(env.Audit(ctx, "", false, volume))
			Expect(found.Err()).NotTo(HaveOccurred(), "nothing is left that no backup needs")
			Expect(found.Counts.Backups).To(BeZero())
			Expect(found.Counts.Blocks).To(BeZero())
			local := harness.Must(longhorn.Snapshot(ctx, env.Client, "snapshot-"+string(snapshot.UID)))
			Expect(longhorn.Removed(local)).To(BeFalse(), "the local snapshot stays")
		})

	It("with policy Retain stays in the bucket after its VolumeSnapshot and content are deleted: it can be imported again",
		Label("clause:S-07"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod, written := filled(ctx, env, harness.Claim{Name: "source"})
			class := harness.Must(env.CreateSnapClass(ctx, "bak", snapshotv1.VolumeSnapshotContentRetain))
			snapshot := harness.Must(env.ReadyBackupOf(ctx, "backup", claim, class))
			content := harness.Must(env.ContentOf(ctx, snapshot))
			handle := *content.Status.SnapshotHandle
			volume, name := namesOf(ctx, env, snapshot)
			env.OnCleanup(func(ctx context.Context) error { return env.DeleteBackup(ctx, name) })
			harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 8}))

			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(env.Client.Delete(ctx, content)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())

			By("taking another backup, so that whoever collects leftovers has had its chance")
			harness.Must(env.ReadyBackup(ctx, "next", claim))
			found := harness.Must(env.Audit(ctx, "", true, volume))
			_, there := found.Backup(volume, name)
			Expect(there).To(BeTrue(), "the retained backup is in the bucket")
			Expect(harness.Must(longhorn.Backup(ctx, env.Client, name)).DeletionTimestamp).To(BeNil(), "the retained backup is not being deleted")

			harness.Must(env.ImportHandle(ctx, "imported", handle, corev1.PersistentVolumeFilesystem))
			reader := restored(ctx, env, "imported", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
		})

	// longhorn/longhorn#4107 and #9252: the VolumeSnapshot could not be deleted.
	It("can be deleted after its backup was removed by hand, and after its source is gone",
		Label("clause:D-07", "clause:D-08", "clause:D-26"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod, _ := filled(ctx, env, harness.Claim{Name: "source"})
			removed := harness.Must(env.ReadyBackup(ctx, "removed", claim))
			orphan := harness.Must(env.ReadyBackup(ctx, "orphan", claim))
			volume, name := namesOf(ctx, env, removed)
			_, second := namesOf(ctx, env, orphan)

			By("removing the backup of the first by hand")
			Expect(env.DeleteBackup(ctx, name)).To(Succeed())
			Expect(env.DeleteSnapshot(ctx, removed)).To(Succeed())

			By("deleting the source of the second")
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.DeleteClaim(ctx, claim)).To(Succeed())
			Expect(env.DeleteSnapshot(ctx, orphan)).To(Succeed())
			Expect(env.WaitBackupGone(ctx, second)).To(Succeed())
			found := harness.Must(env.Audit(ctx, "", false, volume))
			Expect(found.Err()).NotTo(HaveOccurred())
			Expect(found.Counts.Blocks).To(BeZero(), "blocks that are left")
		})
})
