// Package snap holds the specs about taking snapshots of type snap.
package snap

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// clockSlack is how far the clocks of API server and engine may be apart; creationTime of the API has whole seconds.
const clockSlack = 2 * time.Second

var _ = Describe("snap", Label("snap"), func() {
	It("of an attached volume is ready with handle, restoreSize and creationTime",
		Label("clause:C-03", "clause:H-01", "clause:S-01", "clause:I-14"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 4}))

			By("taking a snapshot while a pod uses the volume")
			snapshot := harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			ready := time.Now()

			By("reading what Kubernetes says about it")
			volume := harness.Must(env.HandleOf(ctx, claim))
			name := "snapshot-" + string(snapshot.UID)
			content := harness.Must(env.ContentOf(ctx, snapshot))
			Expect(content.Status.SnapshotHandle).To(HaveValue(Equal("snap://"+volume+"/"+name)), "H-01: snapshotHandle")
			Expect(content.Status.RestoreSize).To(HaveValue(BeNumerically("==", 64<<20)), "I-14: restoreSize is the provisioned size")
			Expect(snapshot.Status.RestoreSize.Value()).To(BeNumerically("==", 64<<20), "I-14: restoreSize of the VolumeSnapshot")
			cut := time.Unix(0, *content.Status.CreationTime)
			Expect(cut).To(BeTemporally(">=", snapshot.CreationTimestamp.Add(-clockSlack)), "the cut is not before the request")
			Expect(cut).To(BeTemporally("<=", ready.Add(clockSlack)), "the cut is not after readyToUse")
			Expect(snapshot.Status.CreationTime.Unix()).To(Equal(cut.Unix()), "creationTime of VolumeSnapshot and content agree")

			By("reading what Longhorn says about it")
			behind := harness.Must(longhorn.Snapshot(ctx, env.Client, name))
			Expect(behind.Spec.Volume).To(Equal(volume))
			Expect(behind.Spec.Labels).To(HaveKeyWithValue("type", "snap"), "class parameters are kept as labels")
			Expect(behind.Status.ReadyToUse).To(BeTrue())
		})
})
