package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// compressed backs up a new volume while the setting is on and restores it.
func compressed(ctx SpecContext, method string) {
	env := harness.BeginBackups(ctx)
	Expect(env.UseSetting(ctx, "backup-compression-method", method)).To(Succeed())
	claim, _, written := filled(ctx, env, harness.Claim{Name: "source"})
	volume, name := namesOf(ctx, env, harness.Must(env.ReadyBackup(ctx, "backup", claim)))
	stored, there := harness.Must(env.Audit(ctx, "", true, volume)).Backup(volume, name)
	Expect(there).To(BeTrue())
	Expect(stored.Compression).To(Equal(method), "compression in the bucket")
	reader := restored(ctx, env, "backup", harness.Claim{})
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
}

// Serial, because settings are those of the whole cluster.
var _ = Describe("bak", Serial, Label("bak", "settings"), func() {
	// longhorn/longhorn#5802: local snapshots pile up.
	It("with the clean-up settings on takes its local snapshot along, when it is complete and when it is deleted",
		Label("bak-delete", "clause:D-24", "clause:C-38", "clause:C-38b"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, _, _ := filled(ctx, env, harness.Claim{Name: "source"})

			By("looking at what a backup leaves with the settings off")
			left, err := longhorn.Snapshot(ctx, env.Client, "snapshot-"+string(harness.Must(env.ReadyBackup(ctx, "before", claim)).UID))
			harness.Observe("C-38", err == nil && !longhorn.Removed(left), "the local snapshot of a backup with the settings off: found %t, removed %t", err == nil, err == nil && longhorn.Removed(left))

			By("auto-cleanup-when-delete-backup")
			Expect(env.UseSetting(ctx, "auto-cleanup-when-delete-backup", "true")).To(Succeed())
			snapshot := harness.Must(env.ReadyBackup(ctx, "first", claim))
			_, name := namesOf(ctx, env, snapshot)
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(env.WaitBackupGone(ctx, name)).To(Succeed())
			Expect(env.WaitPurged(ctx, "snapshot-"+string(snapshot.UID))).To(Succeed())

			By("auto-cleanup-snapshot-after-on-demand-backup-completed")
			Expect(env.UseSetting(ctx, "auto-cleanup-snapshot-after-on-demand-backup-completed", "true")).To(Succeed())
			snapshot = harness.Must(env.ReadyBackup(ctx, "second", claim))
			Expect(env.WaitPurged(ctx, "snapshot-"+string(snapshot.UID))).To(Succeed())
			Expect(harness.Must(env.BackupBehind(ctx, snapshot)).Status.Error).To(BeEmpty())
			Expect(longhorn.Removed(harness.Must(longhorn.Snapshot(ctx, env.Client, "snapshot-"+string(harness.Must(env.ReadySnapshot(ctx, "plain", claim)).UID))))).To(
				BeFalse(), "a snapshot that is no backup's stays")
		})

	DescribeTable("of a volume made while backup-compression-method is set is compressed that way and restores, by",
		compressed, Label("bak-create", "clause:B-02", "clause:B-02b", "clause:R-30"),
		Entry("gzip", SpecTimeout(timeouts.Spec), "gzip"),
		Entry("none", SpecTimeout(timeouts.Spec), "none"),
	)
})
