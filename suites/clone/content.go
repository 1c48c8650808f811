// Package clone holds the specs about claims made from other claims.
package clone

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// cloned clones a claim in use, then writes to source and clone, and compares what each has.
func cloned(ctx SpecContext, source harness.Claim, mib int64) {
	env := harness.Begin(ctx)
	source.Name = "source"
	claim := harness.Must(env.BoundClaim(ctx, source))
	pod := harness.Must(env.StartPod(ctx, "user", claim))
	original := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: mib}))

	By("cloning the claim")
	target := source
	target.Name, target.Source = "clone", source.Name
	clone := harness.Must(env.RestoredClaim(ctx, target))

	By("writing to the source, then to the clone")
	changed := harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: mib}))
	user := harness.Must(env.StartPod(ctx, "clone", clone))
	Expect(user.Sum(ctx, workload.Content{})).To(Equal(original), "SHA-256 of the clone's content")
	harness.Must(user.Write(ctx, workload.Content{Seed: 3, MiB: mib}))
	Expect(pod.Sum(ctx, workload.Content{})).To(Equal(changed), "SHA-256 of the source's content")
}

var _ = Describe("clone", Label("clone"), func() {
	DescribeTable("has the source's data and is independent of it, on",
		cloned, Label("clause:R-22"),
		Entry("ext4", SpecTimeout(timeouts.Spec), harness.Claim{MiB: 64}, int64(40)),
		Entry("xfs", SpecTimeout(timeouts.Spec), harness.Claim{MiB: 320, Class: harness.ClassXFS}, int64(32)),
		Entry("a raw block device", SpecTimeout(timeouts.Spec), harness.Claim{MiB: 64, Block: true}, int64(64)),
	)
})
