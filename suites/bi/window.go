package bi

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

const (
	// warmUp is how many records the writer has made durable before the request.
	warmUp = 100
	// beyond is how many more it makes durable after readyToUse, so that a late cut shows.
	beyond = 500
)

var _ = Describe("bi", Label("bi", "bi-create"), func() {
	It("while a pod writes has every acknowledged write and no hole; how many records begun after readyToUse it has is noted",
		Label("clause:C-45"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 512}))
			writer := harness.Must(env.StartWriter(ctx, "writer", claim))
			Expect(writer.WaitAcked(ctx, warmUp)).To(Succeed())
			before := harness.Must(writer.Records(ctx))
			snapshot := harness.Must(env.CreateSnapshot(ctx, "image", claim, harness.ImageClass))
			snapshot = harness.Must(env.WaitReady(ctx, snapshot))
			after := harness.Must(writer.Records(ctx))
			Expect(writer.WaitAcked(ctx, after.Highest+beyond)).To(Succeed())
			harness.Must(env.WaitImageReady(ctx, harness.Must(env.ImageBehind(ctx, snapshot))))

			copied := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "restored", MiB: 512, Snapshot: "image"}))
			found := harness.Must(harness.Must(env.StartPod(ctx, "reader", copied)).Records(ctx))
			// The last record seen before the request may not have been durable yet; the one before it was.
			Expect(found.Contiguous).To(BeNumerically(">=", before.Highest-1), "every record durable before the request is in the image")
			Expect(found.Highest).To(Equal(found.Contiguous), "no record is missing before a later one")
			Expect(found.Misplaced).To(BeZero(), "no record lies where another belongs")
			late := int64(found.Highest) - int64(after.Highest+1)
			if late > 0 {
				harness.Observe("C-45", true, "the image was cut after it was ready: it has %d records begun since", late)
			} else {
				harness.Observe("C-45", false, "the image has no record begun after readyToUse")
			}
		})
})
