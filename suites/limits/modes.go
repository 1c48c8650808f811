package limits

import (
	"fmt"
	"strings"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("limits", Label("limits"), func() {
	It("keep a claim for reading only Pending, new or from a snapshot",
		Label("both:I-06"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			harness.Must(env.StartPod(ctx, "user", claim))
			harness.Must(env.ReadySnapshot(ctx, "snapshot", claim))
			for name, snapshot := range map[string]string{"new": "", "restored": "snapshot"} {
				reading := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: name, MiB: 64, Snapshot: snapshot, Mode: corev1.ReadOnlyMany}))
				harness.Must(env.StaysPending(ctx, reading, "code = InvalidArgument", "access mode MULTI_NODE_READER_ONLY is not supported"))
			}
		})

	It("of Longhorn's access modes are those that it stores: one node, many nodes, one pod",
		Label("both:I-06", "both:V-12"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			stored := func(mode corev1.PersistentVolumeAccessMode) longhornv1beta2.AccessMode {
				claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: strings.ToLower(string(mode)), MiB: 64, Mode: mode}))
				return harness.Must(longhorn.Volume(ctx, env.Client, harness.Must(env.HandleOf(ctx, claim)))).Spec.AccessMode
			}
			Expect(stored(corev1.ReadWriteOnce)).To(Equal(longhornv1beta2.AccessModeReadWriteOnce))
			Expect(stored(corev1.ReadWriteMany)).To(Equal(longhornv1beta2.AccessModeReadWriteMany))
			if !env.Follows("1.11") {
				return // the provisioner asks older drivers for one node instead of one pod
			}
			pod := stored(corev1.ReadWriteOncePod)
			AddReportEntry(fmt.Sprintf("ReadWriteOncePod is stored as %q", pod))
			Expect(pod).To(BeElementOf(longhornv1beta2.AccessMode("rwop"), longhornv1beta2.AccessModeReadWriteOnce),
				"rwop, or rwo where the Volume's CRD is older than Longhorn 1.11 and knows no rwop")
		})
})
