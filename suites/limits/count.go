package limits

import (
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("limits", Label("limits"), func() {
	It("end a volume's snapshots at the number that it may have: the next one is refused and says why",
		Label("clause:C-27"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			volume := harness.Must(env.HandleOf(ctx, claim))
			By("allowing two snapshots, which is the least that can be, before a pod uses the volume")
			Expect(env.ChangeVolume(ctx, volume, func(spec *longhornv1beta2.VolumeSpec) { spec.SnapshotMaxCount = 2 })).To(Succeed())
			harness.Must(env.StartPod(ctx, "user", claim))
			harness.Must(env.ReadySnapshot(ctx, "first", claim))
			harness.Must(env.ReadySnapshot(ctx, "second", claim))

			third := harness.Must(env.CreateSnapshot(ctx, "third", claim, ""))
			harness.Must(env.WaitSnapshotFailed(ctx, third, "code = Internal"))
			behind := harness.Must(longhorn.Snapshot(ctx, env.Client, "snapshot-"+string(third.UID)))
			Expect(behind.Status.ReadyToUse).To(BeFalse(), "Longhorn's snapshot")
			Expect(behind.Status.Error).NotTo(BeEmpty(), "Longhorn's snapshot says why")
			for _, name := range []string{"first", "second"} {
				Expect(harness.Must(env.Snapshot(ctx, name)).Status.ReadyToUse).To(HaveValue(BeTrue()), "the %s snapshot stays", name)
			}
		})
})
