package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("bak", Label("bak", "bak-create"), func() {
	It("of a detached volume is taken, and the volume is detached afterwards",
		Label("clause:C-36"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod, written := filled(ctx, env, harness.Claim{Name: "source"})
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.WaitDetached(ctx, claim)).To(Succeed())

			harness.Must(env.ReadyBackup(ctx, "backup", claim))
			Expect(env.WaitDetached(ctx, claim)).To(Succeed(), "detached again")
			reader := restored(ctx, env, "backup", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
		})

	It("before Longhorn 1.5 waits until a pod uses the volume",
		Label("before:C-36"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod, written := filled(ctx, env, harness.Claim{Name: "source"})
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.WaitDetached(ctx, claim)).To(Succeed())

			snapshot := harness.Must(env.CreateBackup(ctx, "backup", claim))
			harness.Must(env.WaitRefused(ctx, snapshot, "code = FailedPrecondition", "attached"))
			harness.Must(env.StartPod(ctx, "again", claim))
			harness.Must(env.WaitBackedUp(ctx, snapshot))
			reader := restored(ctx, env, "backup", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
		})
})
