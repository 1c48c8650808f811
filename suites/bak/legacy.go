package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// Serial, because the driver behaves as another version meanwhile, and the settings are those of the whole cluster.
var _ = Describe("bak", Serial, Label("bak", "bak-target", "settings"), func() {
	It("of Longhorn 1.7 goes where the settings of the backup target say",
		Label("clause:B-28"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			_, secret, err := env.KeepDefaultTarget(ctx)
			Expect(err).NotTo(HaveOccurred())
			elsewhere := env.Namespace + "/"
			env.AuditToo(elsewhere)
			Expect(env.UseSetting(ctx, "backup-target", harness.TargetURL(elsewhere))).To(Succeed())
			Expect(env.UseSetting(ctx, "backup-target-credential-secret", secret)).To(Succeed())
			Expect(env.UseContract(ctx, "1.7")).To(Succeed())
			Expect(env.WaitAvailable(ctx, longhorn.DefaultTarget)).To(Succeed())

			claim, _, written := filled(ctx, env, harness.Claim{Name: "source"})
			snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
			volume, name := namesOf(ctx, env, snapshot)
			Expect(harness.Must(env.BackupBehind(ctx, snapshot)).Status.URL).To(HavePrefix(harness.TargetURL(elsewhere)), "where the backup went")
			_, there := harness.Must(env.Audit(ctx, elsewhere, true, volume)).Backup(volume, name)
			Expect(there).To(BeTrue(), "the bucket has it at the path of the setting")
			reader := restored(ctx, env, "backup", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(env.WaitBackupGone(ctx, name)).To(Succeed())
			Expect(env.RemoveBackupVolumes(ctx, volume)).To(Succeed(), "while the target is the one of the setting")
		})
})
