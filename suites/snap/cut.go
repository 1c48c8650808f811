package snap

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

const (
	// warmUp is how many records the writer has made durable before the cut.
	warmUp = 100
	// beyond is how many more it makes durable after readyToUse and before the restore, so that a late cut shows.
	beyond = 500
)

// cutAcrossWrites takes a snapshot while a pod appends numbered records, each made durable before the next
// begins, and looks at which of them a restore has. Bounds come from the source itself, never from clocks.
func cutAcrossWrites(ctx SpecContext, class string) {
	env := harness.Begin(ctx)
	claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 1024, Class: class}))
	writer := harness.Must(env.StartWriter(ctx, "writer", claim))
	Expect(writer.WaitAcked(ctx, warmUp)).To(Succeed())

	By("taking a snapshot while the writer goes on")
	before := harness.Must(writer.Records(ctx))
	harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
	after := harness.Must(writer.Records(ctx))
	Expect(writer.WaitAcked(ctx, after.Highest+beyond)).To(Succeed())

	By("reading the records of a restore")
	restored := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "restored", MiB: 1024, Class: class, Snapshot: "snapshot"}))
	reader := harness.Must(env.StartPod(ctx, "reader", restored))
	found := harness.Must(reader.Records(ctx))
	// The last record seen before the request may not have been durable yet; the one before it was.
	Expect(found.Contiguous).To(BeNumerically(">=", before.Highest-1), "every record durable before the request is in the restore")
	Expect(found.Highest).To(Equal(found.Contiguous), "no record is missing before a later one")
	Expect(found.Misplaced).To(BeZero(), "no record lies where another belongs")
	// The record after the last one seen after readyToUse may have been begun already; none beyond it had.
	Expect(found.Highest).To(BeNumerically("<=", after.Highest+1), "no record begun after readyToUse is in the restore")
}

var _ = Describe("snap", Label("snap"), func() {
	DescribeTable("while a pod writes has every acknowledged write and none begun after readyToUse, on",
		cutAcrossWrites, Label("clause:C-28", "clause:R-10"),
		Entry("ext4", SpecTimeout(timeouts.Spec), harness.ClassExt4),
		Entry("xfs", SpecTimeout(timeouts.Spec), harness.ClassXFS),
	)
})
