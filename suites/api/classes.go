package api

import (
	"context"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

// ofClaim is the source of a VolumeSnapshot of a claim.
func ofClaim(name string) snapshotv1.VolumeSnapshotSource {
	return snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: ptr.To(name)}
}

// source makes a claim in use, of which every release of Longhorn takes snapshots.
func source(ctx context.Context, env *harness.Env) *corev1.PersistentVolumeClaim {
	claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
	harness.Must(env.StartPod(ctx, "user", claim))
	return claim
}

var _ = Describe("api", Label("api", clusterLabel), func() {
	// Serial: a default class is one for the whole cluster.
	It("takes no VolumeSnapshot without a class while the driver has two default classes or none, and takes it with one",
		Serial, Label("settings", "clause:A-11"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			if there := harness.Must(env.DefaultSnapshotClasses(ctx)); len(there) > 0 {
				Skip("this cluster has a default VolumeSnapshotClass for the driver already, which other work may rely on: " + there[0])
			}
			claim := source(ctx, env)
			first := harness.Must(env.CreateSnapClass(ctx, "snap", snapshotv1.VolumeSnapshotContentDelete))
			second := harness.Must(env.CreateSnapClass(ctx, "snap", snapshotv1.VolumeSnapshotContentDelete))
			snapshot := harness.Must(env.CreateSnapshotFrom(ctx, "snapshot", ofClaim(claim.Name), ""))
			harness.Must(env.WaitRefused(ctx, snapshot, "cannot find default snapshot class"))

			By("making both classes the default at once")
			Expect(env.MakeDefault(ctx, first, true)).To(Succeed())
			Expect(env.MakeDefault(ctx, second, true)).To(Succeed())
			late := harness.Must(env.CreateSnapshotFrom(ctx, "late", ofClaim(claim.Name), ""))
			harness.Must(env.WaitRefused(ctx, late, "2 default snapshot classes were found"))

			By("leaving one of them the default")
			Expect(env.MakeDefault(ctx, second, false)).To(Succeed())
			late = harness.Must(env.WaitReady(ctx, late))
			Expect(late.Spec.VolumeSnapshotClassName).To(HaveValue(Equal(first)), "the class that was taken")
		})

	It("names the class when a VolumeSnapshot names one that does not exist, and takes it when there is one",
		Label("clause:A-12"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := source(ctx, env)
			name := harness.Must(env.CreateSnapClass(ctx, "snap", snapshotv1.VolumeSnapshotContentDelete))
			class := harness.Must(env.RemoveClass(ctx, name))

			snapshot := harness.Must(env.CreateSnapshot(ctx, "snapshot", claim, name))
			harness.Must(env.WaitRefused(ctx, snapshot, "Failed to get snapshot class", name, "not found"))
			Expect(env.Contents(ctx)).To(BeEmpty(), "nothing was asked of the driver")

			By("creating the class")
			Expect(env.Client.Create(ctx, class)).To(Succeed())
			snapshot = harness.Must(env.WaitReady(ctx, snapshot))
			Expect(snapshot.Status.Error).To(BeNil(), "the error that is over")
		})
})
