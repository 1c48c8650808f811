package bi

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/imageserver"
)

var _ = Describe("bi", Label("bi", "bi-restore"), func() {
	It("of an uploaded image, and of a clone of that, is restored by a handle that names nothing but the type",
		Label("clause:R-47", "clause:R-46"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			var file bytes.Buffer
			Expect(imageserver.WriteContent(ctx, &file, imageserver.Raw(8, 61))).To(Succeed())
			sum := sha512.Sum512(file.Bytes())
			checksum := hex.EncodeToString(sum[:])

			By("uploading a file that is not the expected one: it is refused")
			image := harness.Must(env.CreateImage(ctx, "uploaded", "upload", checksum, nil))
			Expect(env.WaitImageState(ctx, image.Name, longhornv1beta2.BackingImageStateReadyForTransfer)).To(Succeed())
			wrong := append([]byte{^file.Bytes()[0]}, file.Bytes()[1:]...)
			AddReportEntry("the wrong file", env.UploadImage(ctx, image.Name, wrong).Error())
			harness.Must(env.WaitImageFailed(ctx, image.Name))
			Expect(env.DeleteImage(ctx, image.Name)).To(Succeed())

			By("uploading the right one")
			image = harness.Must(env.CreateImage(ctx, "uploaded", "upload", checksum, nil))
			Expect(env.WaitImageState(ctx, image.Name, longhornv1beta2.BackingImageStateReadyForTransfer)).To(Succeed())
			Expect(env.UploadImage(ctx, image.Name, file.Bytes())).To(Succeed())
			image = harness.Must(env.WaitImageReady(ctx, image.Name))
			Expect(image.Status.Checksum).To(Equal(checksum), "checksum of the uploaded file")
			want := sumOf(file.Bytes(), volumeMiB)
			imported(ctx, env, "uploaded", harness.ImageHandle(image.Name, "upload", nil))
			haveSum(ctx, restored(ctx, env, "from-upload", "uploaded", volumeMiB), volumeMiB, want, "the restore")

			By("cloning it")
			clone := harness.Must(env.CreateImage(ctx, "cloned", "clone", "", map[string]string{"backing-image": image.Name, "encryption": "ignore"}))
			clone = harness.Must(env.WaitImageReady(ctx, clone.Name))
			Expect(clone.Status.Checksum).To(Equal(checksum), "checksum of the clone")
			imported(ctx, env, "cloned", harness.ImageHandle(clone.Name, "clone", nil))
			haveSum(ctx, restored(ctx, env, "from-clone", "cloned", volumeMiB), volumeMiB, want, "the restore of the clone")
		})
})
