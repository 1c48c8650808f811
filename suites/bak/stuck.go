package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("bak", Label("bak", "bak-target"), func() {
	It("that was never begun can be deleted at the latest when its target is mended; whether before is noted",
		Label("clause:C-33", "clause:C-32", "needs:B-28"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			target := harness.Must(env.CreateTarget(ctx, nil))
			Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
			claim, _, _ := filled(ctx, env, harness.Claim{Name: "source", Class: target.Class})
			Expect(env.SetTargetURL(ctx, target, "")).To(Succeed())
			Expect(env.WaitNotAvailable(ctx, target.Name)).To(Succeed())
			snapshot := harness.Must(env.CreateBackup(ctx, "backup", claim))
			harness.Must(env.WaitRefused(ctx, snapshot, "backup target", "not available"))
			contents := harness.Must(env.Contents(ctx))
			Expect(contents).To(HaveLen(1))

			By("deleting it, and taking another snapshot so that the sidecar has had its chance")
			Expect(env.Client.Delete(ctx, snapshot.DeepCopy())).To(Succeed())
			harness.Must(env.ReadySnapshot(ctx, "other", claim))
			_, err := env.Snapshot(ctx, "backup")
			harness.Observe("C-33", !apierrors.IsNotFound(err), "while its target is unavailable the deleted VolumeSnapshot is there: %t", !apierrors.IsNotFound(err))

			By("mending the target")
			Expect(env.SetTargetURL(ctx, target, target.URL)).To(Succeed())
			Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, snapshot, timeouts.SnapshotDeleted)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, &contents[0], timeouts.SnapshotDeleted)).To(Succeed())
			for _, backup := range harness.Must(longhorn.BackupsOf(ctx, env.Client, harness.Must(env.HandleOf(ctx, claim)))) {
				Expect(env.WaitBackupGone(ctx, backup.Name)).To(Succeed())
			}
		})
})
