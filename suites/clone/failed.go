package clone

import (
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("clone", Label("clone"), func() {
	It("that fails is shown as failed on its volume, and has the data when what was missing is there",
		Label("clause:R-17"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			source := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", source))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			handle := harness.Must(env.HandleOf(ctx, source))

			By("making a volume, without CSI, from a snapshot that does not exist: CSI would refuse it")
			missing := env.Namespace + "-cut"
			clone := harness.Must(env.CreateVolume(ctx, "clone", 64, func(spec *longhornv1beta2.VolumeSpec) {
				spec.DataSource = longhornv1beta2.VolumeDataSource("snap://" + handle + "/" + missing)
			}))
			in := func(state longhornv1beta2.VolumeCloneState) func(*longhornv1beta2.Volume) (bool, string) {
				return func(volume *longhornv1beta2.Volume) (bool, string) {
					status := volume.Status.CloneStatus
					return status.State == state, fmt.Sprintf("cloneStatus.state %q, attempt %d", status.State, status.AttemptCount)
				}
			}
			failed := harness.Must(env.WaitVolume(ctx, clone.Name, "show that its clone failed", in(longhornv1beta2.VolumeCloneStateFailed)))
			Expect(failed.Status.CloneStatus.AttemptCount).To(BeNumerically(">=", 1), "attempts are counted")

			By("taking the snapshot of that name: the next attempt succeeds")
			harness.Must(env.LonghornSnapshotNamed(ctx, handle, missing))
			harness.Must(env.WaitVolume(ctx, clone.Name, "be cloned", in(longhornv1beta2.VolumeCloneStateCompleted)))
			reader := harness.Must(env.StartPod(ctx, "reader", harness.Must(env.ClaimVolume(ctx, "clone", clone))))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "SHA-256 of the clone's content")
		})
})
