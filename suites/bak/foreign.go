package bak

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/backupstore/audit"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("bak", Label("bak", "bak-restore"), func() {
	It("of another cluster is found in the bucket and restored by its handle, when nothing here has ever known its volume",
		Label("clause:R-37", "needs:B-28"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod, written := filled(ctx, env, harness.Claim{Name: "source"})
			snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
			volume, name := namesOf(ctx, env, snapshot)
			handle := harness.Must(env.SnapshotHandleOf(ctx, snapshot))

			By("copying what the bucket has of it elsewhere, and deleting everything that this cluster knows of it")
			tree := audit.FolderOf(volume)
			Expect(env.CopyTree(ctx, tree, env.Namespace+"/"+tree)).To(Succeed())
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(env.WaitBackupGone(ctx, name)).To(Succeed())
			Expect(env.DeleteClaim(ctx, claim)).To(Succeed())

			By("pointing a backup target at the copy, as a new cluster would")
			target := harness.Must(env.CreateTarget(ctx, nil))
			Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
			Expect(env.WaitBackupKnown(ctx, name)).To(Succeed())
			env.OnCleanup(func(ctx context.Context) error { return env.DeleteBackup(ctx, name) })
			found := harness.Must(longhorn.Backup(ctx, env.Client, name))
			Expect(found.Status.VolumeName).To(Equal(volume), "what the driver says of the backup that it found")

			harness.Must(env.ImportHandle(ctx, "imported", handle, corev1.PersistentVolumeFilesystem))
			reader := restored(ctx, env, "imported", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
		})
})
