package limits

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

// wrongHandle imports a handle, in which VOLUME stands for an existing volume: the import is
// declared ready without a question to the driver, so it is a claim that must show the mistake.
func wrongHandle(ctx SpecContext, handle string, fragments ...string) {
	env := harness.Begin(ctx)
	if strings.Contains(handle, "VOLUME") {
		claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
		handle = strings.ReplaceAll(handle, "VOLUME", harness.Must(env.HandleOf(ctx, claim)))
	}
	harness.Must(env.ImportHandle(ctx, "imported", handle, corev1.PersistentVolumeFilesystem))
	restored := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Snapshot: "imported"}))
	harness.Must(env.StaysPending(ctx, restored, fragments...))
}

var _ = Describe("limits", Label("limits"), func() {
	DescribeTable("keep a restore by a wrong handle Pending: a handle",
		wrongHandle, Label("clause:S-02"),
		Entry("without a type", SpecTimeout(timeouts.Spec), Label("clause:H-10"), "garbage",
			"code = InvalidArgument", "invalid CSI snapshot type: . Must be snap"),
		Entry("of an unknown type without a snapshot", SpecTimeout(timeouts.Spec), Label("clause:H-11"), "foo://volume",
			"code = InvalidArgument", "invalid CSI snapshot type: . Must be snap"),
		Entry("of an unknown type", SpecTimeout(timeouts.Spec), Label("clause:H-12"), "foo://volume/snapshot",
			"code = InvalidArgument", "invalid CSI snapshot type: foo. Must be snap"),
		Entry("of type bi, before Longhorn 1.5", SpecTimeout(timeouts.Spec), Label("before:C-04"),
			"bi://backing?backingImage=image&backingImageDataSourceType=download&url=http%3A%2F%2Fimages.example%2Fx.img", "code = InvalidArgument", "invalid CSI snapshot type"),
		Entry("with a volume and an empty snapshot", SpecTimeout(timeouts.Spec), Label("clause:H-13"), "snap://VOLUME/",
			"code = NotFound", "volume source snapshot snap://", "is not found"),
		Entry("of a missing snapshot", SpecTimeout(timeouts.Spec), Label("clause:H-16", "clause:R-12"), "snap://VOLUME/no-such-snapshot",
			"code = Internal", "not found"),
		Entry("of a missing volume", SpecTimeout(timeouts.Spec), Label("clause:H-16"), "snap://no-such-volume/snapshot",
			"code = Internal", "not found"),
	)
})
