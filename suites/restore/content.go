// Package restore holds the specs about volumes made from snapshots.
package restore

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// dataAtTheCut writes content, takes a snapshot, overwrites every byte of it, and compares a restore with what
// was there at the cut. mib is how much is written: all of a block device, most of a file system.
func dataAtTheCut(ctx SpecContext, source harness.Claim, mib int64) {
	env := harness.Begin(ctx)
	source.Name = "source"
	claim := harness.Must(env.BoundClaim(ctx, source))
	pod := harness.Must(env.StartPod(ctx, "user", claim))
	atTheCut := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: mib}))
	harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))

	By("overwriting the source")
	since := harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: mib}))
	Expect(since).NotTo(Equal(atTheCut))

	By("restoring")
	target := source
	target.Name, target.Snapshot = "restored", "snapshot"
	restored := harness.Must(env.RestoredClaim(ctx, target))
	reader := harness.Must(env.StartPod(ctx, "reader", restored))
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "SHA-256 of the restored content")
	Expect(pod.Sum(ctx, workload.Content{})).To(Equal(since), "SHA-256 of the source's content, which the restore must leave alone")
}

var _ = Describe("restore", Label("restore"), func() {
	DescribeTable("equals the data at the cut although the source was overwritten since, on",
		dataAtTheCut, Label("clause:R-10"),
		Entry("ext4", Label("clause:I-13"), SpecTimeout(timeouts.Spec), harness.Claim{MiB: 64}, int64(40)),
		Entry("xfs", Label("clause:I-13"), SpecTimeout(timeouts.Spec), harness.Claim{MiB: 320, Class: harness.ClassXFS}, int64(64)),
		Entry("a raw block device", Label("clause:I-08"), SpecTimeout(timeouts.Spec), harness.Claim{MiB: 64, Block: true}, int64(64)),
	)
})
