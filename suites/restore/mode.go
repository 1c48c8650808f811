package restore

import (
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("restore", Label("restore"), func() {
	It("copies in full unless its class asks for a linked clone, which the first data engine refuses, as it does an unknown mode",
		Label("clause:R-16"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			source := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(env.StartPod(ctx, "user", source))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			harness.Must(env.ReadySnapshot(ctx, "snapshot", source))
			class := func(mode string) string {
				return harness.Must(env.CreateStorageClass(ctx, harness.WithParameters(map[string]string{"cloneMode": mode})))
			}

			for name, class := range map[string]string{"default": harness.ClassExt4, "asked": class("full-copy")} {
				claim := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: name, MiB: 64, Class: class, Snapshot: "snapshot"}))
				behind := harness.Must(longhorn.Volume(ctx, env.Client, harness.Must(env.HandleOf(ctx, claim))))
				Expect(behind.Spec.CloneMode).To(Equal(longhornv1beta2.CloneModeFullCopy), "clone mode, %s", name)
				reader := harness.Must(env.StartPod(ctx, name+"-reader", claim))
				Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "SHA-256 of the restored content, %s", name)
			}
			linked := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "linked", MiB: 64, Class: class("linked-clone"), Snapshot: "snapshot"}))
			other := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "other", MiB: 64, Class: class("half-copy"), Snapshot: "snapshot"}))
			harness.Must(env.StaysPending(ctx, linked, "code = Internal", "linked-clone"))
			harness.Must(env.StaysPending(ctx, other, "half-copy"))
		})

	It("into a class with another data engine than the source's stays Pending, and so does a clone",
		Label("clause:R-18"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			source := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			harness.Must(env.ReadySnapshot(ctx, "snapshot", source))
			class := harness.Must(env.CreateStorageClass(ctx, harness.WithParameters(map[string]string{"dataEngine": "v2"})))
			restored := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Class: class, Snapshot: "snapshot"}))
			cloned := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "cloned", MiB: 64, Class: class, Source: "source"}))
			harness.Must(env.StaysPending(ctx, restored, "code = Internal", "data engine", "v2"))
			harness.Must(env.StaysPending(ctx, cloned, "code = Internal", "data engine", "v2"))
		})
})
