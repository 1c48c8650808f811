// Package lifecycle holds the specs about the end of snapshots and of their sources.
package lifecycle

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("lifecycle", Label("lifecycle"), func() {
	It("of a snapshot with policy Delete ends with its content and Longhorn's snapshot gone, and its volume unharmed",
		Label("clause:D-04", "clause:D-20", "clause:D-21", "clause:S-07"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			snapshot := harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			content := harness.Must(env.ContentOf(ctx, snapshot))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 8}))

			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())
			Expect(env.WaitPurged(ctx, "snapshot-"+string(snapshot.UID))).To(Succeed())

			By("taking another snapshot, which frees a newest one that was only marked")
			harness.Must(env.ReadySnapshot(ctx, "next", claim))
			Expect(harness.UntilGone(ctx, env.Cluster, longhorn.SnapshotNamed("snapshot-"+string(snapshot.UID)),
				timeouts.SnapshotPurged)).To(Succeed())
			Expect(pod.Sum(ctx, workload.Content{})).To(Equal(written), "content of the volume")
		})
})
