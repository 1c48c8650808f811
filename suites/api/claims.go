package api

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("api", Label("api", clusterLabel), func() {
	It("waits with a VolumeSnapshot of a claim that is not bound, and takes it when the claim is",
		Label("clause:A-13"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			class := harness.Must(env.CreateStorageClass(ctx, func(class *storagev1.StorageClass) {
				class.VolumeBindingMode = ptr.To(storagev1.VolumeBindingWaitForFirstConsumer)
			}))
			claim := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "source", MiB: 64, Class: class}))
			snapshot := harness.Must(env.CreateSnapshot(ctx, "snapshot", claim, ""))
			harness.Must(env.WaitRefused(ctx, snapshot, "the PVC source is not yet bound to a PV"))
			Expect(env.Contents(ctx)).To(BeEmpty(), "nothing was asked of the driver")

			By("using the claim, which binds it")
			harness.Must(env.StartPod(ctx, "user", claim))
			snapshot = harness.Must(env.WaitReady(ctx, snapshot))
			Expect(snapshot.Status.Error).To(BeNil(), "the error that is over")
		})

	It("waits with a VolumeSnapshot of a claim that does not exist, and takes it when the claim is there",
		Label("clause:A-14"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			snapshot := harness.Must(env.CreateSnapshotFrom(ctx, "snapshot", ofClaim("source"), harness.SnapClass))
			harness.Must(env.WaitRefused(ctx, snapshot, "cannot get claim from snapshot"))
			Expect(env.Contents(ctx)).To(BeEmpty(), "nothing was asked of the driver")

			By("creating the claim")
			source(ctx, env)
			snapshot = harness.Must(env.WaitReady(ctx, snapshot))
			Expect(snapshot.Status.Error).To(BeNil(), "the error that is over")
		})
})
