package bi

import (
	"context"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/imageserver"
)

// existing makes a backing image without CSI by downloading and waits until it is ready. Its source's keys are returned too.
func existing(ctx context.Context, env *harness.Env, file string) (image *longhornv1beta2.BackingImage, keys map[string]string, sums imageserver.Sums) {
	server := harness.Must(env.StartImageServer(ctx))
	sums = harness.Must(server.Sums(ctx, file))
	keys = map[string]string{"url": server.URL("good", file, "a=1", "b=2")}
	image = harness.Must(env.CreateImage(ctx, "existing", downloaded, "", keys))
	return harness.Must(env.WaitImageReady(ctx, image.Name)), keys, sums
}

// importDownload restores an image that was downloaded without CSI.
func importDownload(ctx SpecContext, file string) {
	env := harness.Begin(ctx)
	image, keys, sums := existing(ctx, env, file)
	Expect(image.Status.Checksum).To(Equal(sums.SHA512), "checksum of the image's file")
	Expect(image.Status.VirtualSize).To(Equal(sums.VirtualSize), "virtualSize")

	By("restoring by a handle with type, parameters and checksum")
	imported(ctx, env, "full", harness.ImageHandle(image.Name, downloaded, with(keys, harness.HandleChecksum, sums.SHA512)))
	haveSum(ctx, restored(ctx, env, "from-full", "full", volumeMiB), sums.VirtualSize>>20, sums.SHA256Content, "the restore")

	By("restoring by a handle that names nothing but the type")
	imported(ctx, env, "short", harness.ImageHandle(image.Name, downloaded, nil))
	haveSum(ctx, restored(ctx, env, "from-short", "short", volumeMiB), sums.VirtualSize>>20, sums.SHA256Content, "the restore")
}

var _ = Describe("bi", Label("bi", "bi-restore"), func() {
	DescribeTable("of a backing image that was downloaded without CSI is restored by a pre-provisioned handle with and without parameters, as",
		importDownload, Label("clause:R-45", "clause:R-47", "clause:R-49", "clause:H-06"),
		Entry("raw", SpecTimeout(timeouts.Spec), imageserver.Raw(24, 11)),
		Entry("qcow2", SpecTimeout(timeouts.Spec), imageserver.RawQCOW2(24, 12)),
	)

	It("of a backing image that was exported without CSI is restored by a pre-provisioned handle",
		Label("clause:R-45", "clause:R-47"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, _, whole := filled(ctx, env)
			keys := map[string]string{"volume-name": harness.Must(env.HandleOf(ctx, claim)), "export-type": "raw"}
			image := harness.Must(env.CreateImage(ctx, "existing", exported, "", keys))
			image = harness.Must(env.WaitImageReady(ctx, image.Name))
			imported(ctx, env, "imported", harness.ImageHandle(image.Name, exported, with(keys, harness.HandleChecksum, image.Status.Checksum)))
			haveSum(ctx, restored(ctx, env, "restored", "imported", volumeMiB), volumeMiB, whole, "the restore")
		})

	It("is not restored by a handle that means another image than the existing one of that name",
		Label("clause:R-46", "clause:R-48", "clause:H-25"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			image, keys, sums := existing(ctx, env, imageserver.Raw(4, 13))
			const differs = "data source is different from the parameters"
			refused(ctx, env, map[string][]string{
				harness.ImageHandle(image.Name, exported, map[string]string{"volume-name": "v", "export-type": "raw"}): {"InvalidArgument", differs},
				harness.ImageHandle(image.Name, downloaded, with(keys, "checksum", sums.SHA512)):                       {"InvalidArgument", differs},
				harness.ImageHandle(image.Name, downloaded, with(keys, "url", keys["url"]+"&c=3")):                     {"InvalidArgument", differs},
				// Un-escaped, the second half of the URL is a key of its own.
				"bi://backing?backingImage=" + image.Name + "&backingImageDataSourceType=download&url=" + keys["url"]:  {"InvalidArgument", differs},
				harness.ImageHandle(image.Name, downloaded, with(keys, harness.HandleChecksum, otherSum(sums.SHA512))): {"InvalidArgument", "checksum doesn't match"},
			})
			harness.Observe("H-25", true, "a handle whose URL is not escaped means another URL and one parameter more")
		})
})

// otherSum is a checksum that is none of this file's.
func otherSum(sum string) string {
	if sum[0] == '0' {
		return "1" + sum[1:]
	}
	return "0" + sum[1:]
}

// refused imports each handle and expects the claim from it to stay Pending with the fragments.
func refused(ctx context.Context, env *harness.Env, handles map[string][]string) {
	claims := map[string]*corev1.PersistentVolumeClaim{}
	for handle := range handles {
		name := fmt.Sprintf("imported-%d", len(claims))
		imported(ctx, env, name, handle)
		claims[handle] = harness.Must(env.CreateClaim(ctx, harness.Claim{Name: name, MiB: volumeMiB, Block: true, Snapshot: name}))
	}
	for handle, fragments := range handles {
		text, err := env.StaysPending(ctx, claims[handle], fragments...)
		ExpectWithOffset(1, err).NotTo(HaveOccurred(), "claim from %s", handle)
		AddReportEntry(handle, text, ReportEntryVisibilityFailureOrVerbose)
	}
}
