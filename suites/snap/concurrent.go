package snap

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// together is how many snapshots of one volume are asked for at the same time.
const together = 10

var _ = Describe("snap", Label("snap"), func() {
	It("ten times at once of one volume gives ten snapshots, each its own, each with the data",
		Label("clause:C-20", "clause:H-01"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 4}))

			By("creating all of them before waiting for any")
			names := make([]string, together)
			for i := range names {
				names[i] = fmt.Sprintf("snapshot-%d", i)
			}
			snapshots := harness.Must(env.ReadySnapshots(ctx, names, claim))

			By("comparing the handles")
			volume := harness.Must(env.HandleOf(ctx, claim))
			for _, snapshot := range snapshots {
				handle := harness.Must(env.SnapshotHandleOf(ctx, snapshot))
				Expect(handle).To(Equal("snap://"+volume+"/snapshot-"+string(snapshot.UID)), "handle of %s", snapshot.Name)
			}
			behind := harness.Must(longhorn.SnapshotsOf(ctx, env.Client, volume))
			Expect(behind).To(HaveLen(together), "one Longhorn Snapshot for each")

			By("restoring the first and the last after the source has changed")
			harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 4}))
			for _, snapshot := range []string{names[0], names[together-1]} {
				restored := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "from-" + snapshot, MiB: 64, Snapshot: snapshot}))
				reader := harness.Must(env.StartPod(ctx, "reader-"+snapshot, restored))
				Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore from %s", snapshot)
			}
		})
})
