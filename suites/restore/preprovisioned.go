package restore

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("restore", Label("restore"), func() {
	It("from a pre-provisioned VolumeSnapshotContent works by the handle alone",
		Label("clause:S-02", "clause:R-10"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", claim))
			atTheCut := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))

			By("taking a snapshot in Longhorn, without Kubernetes")
			volume := harness.Must(env.HandleOf(ctx, claim))
			made := harness.Must(env.LonghornSnapshot(ctx, volume))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 8}))

			By("importing it by its handle")
			snapshot := harness.Must(env.ImportHandle(ctx, "imported", "snap://"+volume+"/"+made.Name, corev1.PersistentVolumeFilesystem))
			Expect(snapshot.Status.RestoreSize).To(BeNil(), "S-02: the sidecar cannot know the size of an imported snapshot")

			By("restoring from it")
			restored := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Snapshot: "imported"}))
			reader := harness.Must(env.StartPod(ctx, "reader", restored))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(atTheCut), "SHA-256 of the restored content")
		})
})
