package restore

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// haveParametersOf compares what a PersistentVolume says of itself with its StorageClass. Empty parameters may be left out.
func haveParametersOf(ctx context.Context, env *harness.Env, volume *corev1.PersistentVolume, class string) {
	GinkgoHelper()
	for key, value := range harness.Must(env.StorageClass(ctx, class)).Parameters {
		if value != "" {
			Expect(volume.Spec.CSI.VolumeAttributes).To(HaveKeyWithValue(key, value), "a parameter of the StorageClass")
		}
	}
}

var _ = Describe("restore", Label("restore"), func() {
	It("has the parameters of its StorageClass and what it is made from in its PersistentVolume",
		Label("clause:V-10"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			harness.Must(env.StartPod(ctx, "user", claim))
			snapshot := harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			sources := map[string]harness.Claim{
				harness.Must(env.SnapshotHandleOf(ctx, snapshot)): {Name: "restored", MiB: 64, Snapshot: "snapshot"},
				"vol://" + harness.Must(env.HandleOf(ctx, claim)): {Name: "cloned", MiB: 64, Source: "source"},
			}
			for source, want := range sources {
				volume := harness.Must(env.VolumeOf(ctx, harness.Must(env.RestoredClaim(ctx, want))))
				Expect(volume.Spec.CSI.VolumeAttributes).To(HaveKeyWithValue("dataSource", source), "what claim %s is made from", want.Name)
				haveParametersOf(ctx, env, volume, harness.ClassExt4)
				behind := harness.Must(longhorn.Volume(ctx, env.Client, volume.Spec.CSI.VolumeHandle))
				Expect(string(behind.Spec.DataSource)).To(Equal(source), "what the Longhorn Volume is made from")
			}
			plain := harness.Must(env.VolumeOf(ctx, claim))
			Expect(plain.Spec.CSI.VolumeAttributes["dataSource"]).To(BeEmpty(), "what a new volume is made from")
		})
})
