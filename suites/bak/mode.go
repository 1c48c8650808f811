package bak

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("bak", Label("bak", "bak-create"), func() {
	It("with backupMode full uploads what the bucket already has once more, and without uploads nothing that did not change",
		Label("clause:C-31", "clause:B-07"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod, _ := filled(ctx, env, harness.Claim{Name: "source", Block: true})
			volume := harness.Must(env.HandleOf(ctx, claim))
			Expect(pod.Stop(ctx)).To(Succeed())
			_, first := namesOf(ctx, env, harness.Must(env.ReadyBackup(ctx, "first", claim)))

			By("backing up the same data incrementally")
			_, same := namesOf(ctx, env, harness.Must(env.ReadyBackup(ctx, "same", claim)))
			By("and in full")
			class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, map[string]string{"type": "bak", "backupMode": "full"}))
			_, full := namesOf(ctx, env, harness.Must(env.ReadyBackupOf(ctx, "full", claim, class)))

			found := harness.Must(env.Audit(ctx, "", true, volume))
			one, _ := found.Backup(volume, first)
			two, _ := found.Backup(volume, same)
			three, _ := found.Backup(volume, full)
			Expect(two.Checksums()).To(Equal(one.Checksums()), "dedup: an unchanged volume is made of the same blocks")
			Expect(two.NewlyUploaded+two.ReUploaded).To(BeZero(), "an unchanged volume uploads no block")
			Expect(three.Checksums()).To(Equal(one.Checksums()), "a full backup is made of the same blocks")
			Expect(three.ReUploaded).To(BeNumerically(">=", int64(8<<20)), "a full backup uploads all blocks, which are random data")
		})

	It("before Longhorn 1.9 is made whatever backupMode says, and uploads nothing that did not change",
		Label("before:C-31"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, _, _ := filled(ctx, env, harness.Claim{Name: "source", Block: true})
			volume, first := namesOf(ctx, env, harness.Must(env.ReadyBackup(ctx, "first", claim)))
			for _, mode := range []string{"full", "sometimes"} {
				class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, map[string]string{"type": "bak", "backupMode": mode}))
				_, name := namesOf(ctx, env, harness.Must(env.ReadyBackupOf(ctx, mode, claim, class)))
				found := harness.Must(env.Audit(ctx, "", true, volume))
				one, _ := found.Backup(volume, first)
				other, _ := found.Backup(volume, name)
				Expect(other.Checksums()).To(Equal(one.Checksums()), "blocks with backupMode %s", mode)
				Expect(other.NewlyUploaded+other.ReUploaded).To(BeZero(), "bytes uploaded with backupMode %s", mode)
			}
		})

	It("with an unknown backupMode is refused, and no backup is made",
		Label("clause:C-31"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, _, _ := filled(ctx, env, harness.Claim{Name: "source"})
			class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, map[string]string{"type": "bak", "backupMode": "sometimes"}))
			snapshot := harness.Must(env.CreateSnapshot(ctx, "backup", claim, class))
			harness.Must(env.WaitRefused(ctx, snapshot, "BackupMode", "sometimes", "is not a valid option"))
			Expect(longhorn.BackupsOf(ctx, env.Client, harness.Must(env.HandleOf(ctx, claim)))).To(BeEmpty())
		})
})
