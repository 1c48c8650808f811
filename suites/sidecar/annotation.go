package sidecar

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("sidecar", Label("sidecar"), func() {
	It("marks a content as being created until the driver has answered, with success or with an error that is final",
		Label("clause:S-05"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, _ := filled(ctx, env, "")

			By("taking a snapshot that succeeds")
			good := harness.Must(env.ReadySnapshot(ctx, "good", claim))
			Expect(env.WaitUnmarked(ctx, harness.Must(env.ContentOf(ctx, good)))).To(Succeed())

			By("asking for a backup that fails with Internal, or for a type that does not exist, before Longhorn 1.9 could refuse a mode")
			parameters, refusal := map[string]string{"type": "bak", "backupMode": "sometimes"}, "is not a valid option"
			if !env.Follows("1.9") {
				parameters, refusal = map[string]string{"type": "foo"}, "invalid CSI snapshot type"
			}
			bad := harness.Must(env.CreateSnapshot(ctx, "bad", claim, classOf(ctx, env, parameters)))
			harness.Must(env.WaitRefused(ctx, bad, refusal))
			content := harness.Must(env.ContentOf(ctx, harness.Must(env.Snapshot(ctx, "bad"))))
			Expect(env.WaitUnmarked(ctx, content)).To(Succeed())

			By("deleting it, which nothing may hinder")
			Expect(env.DeleteSnapshot(ctx, bad)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())
		})

	It("keeps the mark after an error that is not final, because the driver may have made something, and takes it away when it is ready",
		Label("clause:S-05", "clause:C-32", "needs:B-28"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			target := harness.Must(env.CreateTarget(ctx, nil))
			Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
			claim, _ := filled(ctx, env, target.Class)
			Expect(env.SetTargetURL(ctx, target, "")).To(Succeed())
			Expect(env.WaitNotAvailable(ctx, target.Name)).To(Succeed())

			By("asking for a backup without a target, which is Aborted")
			snapshot := harness.Must(env.CreateBackup(ctx, "backup", claim))
			harness.Must(env.WaitRefused(ctx, snapshot, "code = Aborted"))
			content := harness.Must(env.ContentOf(ctx, harness.Must(env.Snapshot(ctx, "backup"))))
			Expect(env.WaitAskedAgain(ctx, snapshot)).To(Succeed())
			Expect(env.IsMarked(ctx, content)).To(Succeed())

			By("setting the target again")
			Expect(env.SetTargetURL(ctx, target, target.URL)).To(Succeed())
			Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
			harness.Must(env.WaitBackedUp(ctx, snapshot))
			Expect(env.WaitUnmarked(ctx, content)).To(Succeed())
		})
})
