package limits

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// detachedSource makes a volume with content that nothing uses.
func detachedSource(ctx SpecContext, env *harness.Env) (*corev1.PersistentVolumeClaim, string) {
	claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
	pod := harness.Must(env.StartPod(ctx, "user", claim))
	written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
	Expect(pod.Stop(ctx)).To(Succeed())
	Expect(env.WaitDetached(ctx, claim)).To(Succeed())
	return claim, written
}

var _ = Describe("limits", Label("limits"), func() {
	It("do not include a detached source: Longhorn attaches it for the snapshot and detaches it again",
		Label("clause:C-22"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, atTheCut := detachedSource(ctx, env)

			harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			Expect(env.WaitDetached(ctx, claim)).To(Succeed())

			By("reading a restore")
			restored := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Snapshot: "snapshot"}))
			reader := harness.Must(env.StartPod(ctx, "reader", restored))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "SHA-256 of the restored content")
		})

	// Serial: the version of the contract is an option of the one driver that all specs share.
	It("before Longhorn 1.5 include a detached source: the snapshot is refused until a pod uses the volume",
		Serial, Label("settings", "chosen:C-22"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			Expect(env.UseBefore(ctx, "1.5")).To(Succeed())
			claim, _ := detachedSource(ctx, env)

			snapshot := harness.Must(env.CreateSnapshot(ctx, "snapshot", claim, ""))
			harness.Must(env.WaitRefused(ctx, snapshot, "code = FailedPrecondition", "attached"))

			By("using the volume, so that the sidecar's next attempt succeeds")
			harness.Must(env.StartPod(ctx, "again", claim))
			harness.Must(env.WaitReady(ctx, snapshot))
		})

	// Serial: the version of the contract is an option of the one driver that all specs share.
	It("before Longhorn 1.5 include a restore from a detached source: the claim stays Pending until a pod uses the volume",
		Serial, Label("settings", "chosen:R-13"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			Expect(env.UseBefore(ctx, "1.5")).To(Succeed())
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			atTheCut := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.WaitDetached(ctx, claim)).To(Succeed())

			pending := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Snapshot: "snapshot"}))
			harness.Must(env.StaysPending(ctx, pending, "code = Internal", "engine is not running"))

			By("using the volume, so that the provisioner's next attempt succeeds")
			harness.Must(env.StartPod(ctx, "again", claim))
			reader := harness.Must(env.StartPod(ctx, "reader", harness.Must(env.WaitRestored(ctx, pending))))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "SHA-256 of the restored content")
		})
})
