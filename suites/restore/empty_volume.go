package restore

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("restore", Label("restore"), func() {
	It("by a whole handle has the data; what one gives that has lost its volume is noted",
		Label("clause:H-14", "clause:S-02"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			handle := harness.Must(env.SnapshotHandleOf(ctx, harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))))

			harness.Must(env.ImportHandle(ctx, "whole", handle, corev1.PersistentVolumeFilesystem))
			restored := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Snapshot: "whole"}))
			reader := harness.Must(env.StartPod(ctx, "reader", restored))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "SHA-256 of the restored content")

			By("observing what the handle gives without its volume (H-14 is a quirk: reported, never a failure)")
			lost := strings.Replace(handle, harness.Must(env.HandleOf(ctx, claim)), "", 1)
			harness.Must(env.ImportHandle(ctx, "lost", lost, corev1.PersistentVolumeFilesystem))
			outcome := env.Outcome(ctx, harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "from-lost", MiB: 64, Snapshot: "lost"})))
			harness.Observe("H-14", outcome == string(corev1.ClaimBound), "a claim from the handle snap:///<snapshot>: %s", outcome)
		})
})
