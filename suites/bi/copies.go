package bi

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/imageserver"
)

// copiesKey is the parameter of a StorageClass that says how many copies of an image there are.
const copiesKey = "backingImageMinNumberOfCopies"

// Serial, because settings are those of the whole cluster.
var _ = Describe("bi", Serial, Label("bi", "bi-create", "settings"), func() {
	It("has as many copies as the setting says, whatever its class asks for",
		Label("clause:C-49"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			Expect(env.UseSetting(ctx, "default-min-number-of-backing-image-copies", "2")).To(Succeed())
			claim, _, _ := filled(ctx, env)
			class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, map[string]string{
				"type": "bi", "minNumberOfCopies": "5", copiesKey: "5",
			}))
			_, image := export(ctx, env, "image", claim, class)
			Expect(image.Spec.MinNumberOfCopies).To(Equal(2), "minNumberOfCopies")
		})
})

var _ = Describe("bi", Label("bi", "bi-download"), func() {
	It("of a backing image that is made on demand has the copies and selectors that the StorageClass names, from Longhorn 1.7 on",
		Label("both:R-53"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			server := harness.Must(env.StartImageServer(ctx))
			name := env.ImageName("wanted")
			imported(ctx, env, "wanted", harness.ImageHandle(name, downloaded, map[string]string{"url": server.URL("good", imageserver.Raw(4, 51))}))
			class := harness.Must(env.CreateStorageClass(ctx, harness.WithParameters(map[string]string{
				copiesKey: "2", "backingImageNodeSelector": "muster-none,muster-other", "backingImageDiskSelector": "muster-ssd",
			})))
			// Bound is enough: no node has these tags, so that the image need not come about.
			harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "restored", MiB: volumeMiB, Block: true, Class: class, Snapshot: "wanted"}))
			image := harness.Must(longhorn.Image(ctx, env.Client, name))
			if !env.Follows("1.7") {
				Expect(image.Spec.MinNumberOfCopies).NotTo(Equal(2), "minNumberOfCopies")
				Expect(append(image.Spec.NodeSelector, image.Spec.DiskSelector...)).To(BeEmpty(), "selectors")
				return
			}
			Expect(image.Spec.MinNumberOfCopies).To(Equal(2), "minNumberOfCopies")
			Expect(image.Spec.NodeSelector).To(Equal([]string{"muster-none", "muster-other"}), "nodeSelector")
			Expect(image.Spec.DiskSelector).To(Equal([]string{"muster-ssd"}), "diskSelector")
		})
})

var _ = Describe("bi", Label("bi", "bi-restore"), func() {
	It("is not restored into a class with another data engine than its backing image's",
		Label("clause:R-52"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			image, keys, _ := existing(ctx, env, imageserver.Raw(4, 52))
			imported(ctx, env, "imported", harness.ImageHandle(image.Name, downloaded, keys))
			class := harness.Must(env.CreateStorageClass(ctx, harness.WithParameters(map[string]string{"dataEngine": "v2"})))
			claim := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "restored", MiB: volumeMiB, Block: true, Class: class, Snapshot: "imported"}))
			harness.Must(env.StaysPending(ctx, claim, "code = Internal", "same data engine as the backing image"))
		})
})
