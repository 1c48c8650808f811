package bak

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

// Serial, because the driver behaves as another version meanwhile, and the settings are those of the whole cluster.
var _ = Describe("bak", Serial, Label("bak", "bak-target", "settings"), func() {
	It("before Longhorn 1.8 goes where the settings of the backup target say",
		Label("chosen:B-28"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			Expect(env.UseBefore(ctx, "1.8")).To(Succeed())
			target := harness.Must(env.CreateTarget(ctx, nil))
			Expect(env.WaitAvailable(ctx, longhorn.DefaultTarget)).To(Succeed())

			claim, _, written := filled(ctx, env, harness.Claim{Name: "source"})
			snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
			volume, name := namesOf(ctx, env, snapshot)
			Expect(harness.Must(env.BackupBehind(ctx, snapshot)).Status.URL).To(HavePrefix(target.URL), "where the backup went")
			_, there := harness.Must(env.Audit(ctx, target.Prefix, true, volume)).Backup(volume, name)
			Expect(there).To(BeTrue(), "the bucket has it at the path of the setting")
			reader := restored(ctx, env, "backup", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(env.WaitBackupGone(ctx, name)).To(Succeed())
		})
})

// Serial, because before Longhorn 1.8 there is one backup target, which all volumes of the cluster share.
var _ = Describe("bak", Serial, Label("bak", "bak-target", "settings", "before:B-28"), func() {
	It("before Longhorn 1.8, that is unfinished, is restored by nobody before it is complete: a claim waits and then has the data",
		Label("clause:R-35", "clause:R-35b", "clause:C-30"), SpecTimeout(timeouts.Spec), claimedTooEarly)

	It("before Longhorn 1.8, whose blocks are lost, is not restored: the volume says that it failed, and no pod gets to see it",
		Label("clause:R-36", "clause:R-30"), SpecTimeout(timeouts.Spec), restoredWithoutBlock)

	It("before Longhorn 1.8, deleted while it is being restored, goes only when the restore has ended, which has all data",
		Label("clause:D-25", "clause:B-10"), SpecTimeout(timeouts.Spec), deletedWhileRestored)

	It("before Longhorn 1.8 can be deleted while its target is not set, and what is in the bucket stays there",
		Label("clause:D-28"), SpecTimeout(timeouts.Spec), deletedWithoutTarget)

	It("before Longhorn 1.8, into an NFS server, is restored from there, and deleted there",
		Label("nfs", "clause:B-23", "clause:R-30"), SpecTimeout(timeouts.Spec), intoNFS)

	DescribeTable("before Longhorn 1.8 is whole or fails with an error, and the next one works, when the store", throughTrouble,
		Label("bak-fault", "clause:B-05", "both:C-34", "clause:C-39", "clause:R-30"),
		Entry("stays busy (503)", SpecTimeout(timeouts.Spec), onBlocks(s3front.Unavailable, "PUT", 0)),
		Entry("hangs", SpecTimeout(timeouts.Spec), s3front.Fault{Kind: s3front.Hang}),
	)

	It("before Longhorn 1.8, whose target cannot be used, goes to state Error with its local snapshot taken, and can be deleted",
		Label("before:C-32"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			target := harness.Must(env.CreateTarget(ctx, nil))
			Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
			claim, _, written := filled(ctx, env, harness.Claim{Name: "source"})
			volume := harness.Must(env.HandleOf(ctx, claim))

			By("pointing the target at a bucket that does not exist")
			Expect(env.SetTargetURL(ctx, target, "s3://no-such-bucket@us-east-1/")).To(Succeed())
			harness.Must(env.WaitUnavailable(ctx, target.Name, "NoSuchBucket"))
			snapshot := harness.Must(env.CreateBackup(ctx, "backup", claim))
			failed := harness.Must(env.WaitBackupOf(ctx, volume, longhornv1beta2.BackupStateError))
			Expect(failed.Status.Error).NotTo(BeEmpty(), "what the backup says")
			Expect(longhorn.SnapshotsOf(ctx, env.Client, volume)).NotTo(BeEmpty(), "the local snapshot")

			By("deleting the VolumeSnapshot and mending the target: the next backup works")
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(env.SetTargetURL(ctx, target, target.URL)).To(Succeed())
			Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
			harness.Must(env.ReadyBackup(ctx, "next", claim))
			reader := restored(ctx, env, "next", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
		})
})

// The default of later releases is another, and which one is a setting of the whole cluster.
var _ = Describe("bak", Label("bak", "bak-create"), func() {
	It("before Longhorn 1.5 is compressed by gzip",
		Label("clause:B-02", "before:B-02b"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, _, written := filled(ctx, env, harness.Claim{Name: "source"})
			volume, name := namesOf(ctx, env, harness.Must(env.ReadyBackup(ctx, "backup", claim)))
			stored, there := harness.Must(env.Audit(ctx, "", true, volume)).Backup(volume, name)
			Expect(there).To(BeTrue())
			Expect(stored.Compression).To(Equal("gzip"), "how the blocks in the bucket are compressed")
			reader := restored(ctx, env, "backup", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
		})
})
