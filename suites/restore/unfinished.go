package restore

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/s3front"
)

// usedTooEarly restores a backup while the way from the store is held, and uses the volume meanwhile.
func usedTooEarly(ctx SpecContext) {
	env := harness.BeginBackups(ctx)
	target, front, err := env.CreateFaultyTarget(ctx)
	Expect(err).NotTo(HaveOccurred())
	claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64, Class: target.Class}))
	pod := harness.Must(env.StartPod(ctx, "user", claim))
	written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
	harness.Must(env.ReadyBackup(ctx, "backup", claim))

	By("restoring while the way from the store is held")
	Expect(front.Set(ctx, s3front.Fault{Kind: s3front.Hold, Method: "GET", Key: ".blk"})).To(Succeed())
	restored := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Class: target.Class, Snapshot: "backup"}))
	Expect(front.WaitHeld(ctx, 1)).To(Succeed())
	volume := harness.Must(env.VolumeOf(ctx, restored))
	behind := harness.Must(longhorn.Volume(ctx, env.Client, volume.Spec.CSI.VolumeHandle))
	Expect(behind.Status.RestoreRequired).To(BeTrue(), "V-10: Bound before the data are there")
	Expect(volume.Spec.CSI.VolumeAttributes).To(HaveKeyWithValue("fromBackup", behind.Spec.FromBackup), "V-10: what the volume is made from")
	Expect(behind.Spec.FromBackup).NotTo(BeEmpty(), "V-10: what the volume is made from")
	haveParametersOf(ctx, env, volume, target.Class)

	By("using it: the volume is refused")
	harness.Must(env.NeverStarts(ctx, "early", restored, "code = Aborted", "is not ready for workloads"))

	By("letting the restore go on: the same pod starts and has the data")
	Expect(front.Clear(ctx)).To(Succeed())
	restored = harness.Must(env.WaitRestored(ctx, restored))
	reader := harness.Must(env.WaitPod(ctx, "early", restored))
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "SHA-256 of the restored content")
}

var _ = Describe("restore", Label("restore"), func() {
	It("is Bound before its data are there, says what it is made from, and no pod gets it until it is complete",
		Label("clause:V-10", "clause:V-11", "needs:B-28"), SpecTimeout(timeouts.Spec), usedTooEarly)

	// Serial, because before Longhorn 1.8 there is one backup target, which all volumes of the cluster share.
	It("before Longhorn 1.8 is Bound before its data are there, says what it is made from, and no pod gets it until it is complete",
		Serial, Label("settings", "clause:V-10", "clause:V-11", "before:B-28"), SpecTimeout(timeouts.Spec), usedTooEarly)
})
