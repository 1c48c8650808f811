package bi

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/imageserver"
)

// onDemand restores an image that does not exist yet from a server that behaves in a way.
func onDemand(ctx SpecContext, file, behaviour string, query ...string) {
	env := harness.Begin(ctx)
	server := harness.Must(env.StartImageServer(ctx))
	sums := harness.Must(server.Sums(ctx, file))
	name := env.ImageName("wanted")
	keys := map[string]string{"url": server.URL(behaviour, file, query...), harness.HandleChecksum: sums.SHA512}
	imported(ctx, env, "wanted", harness.ImageHandle(name, downloaded, keys))
	haveSum(ctx, restored(ctx, env, "restored", "wanted", volumeMiB), sums.VirtualSize>>20, sums.SHA256Content, "the restore")

	image := harness.Must(longhorn.Image(ctx, env.Client, name))
	Expect(string(image.Spec.SourceType)).To(Equal(downloaded))
	Expect(image.Spec.SourceParameters).To(Equal(map[string]string{"url": keys["url"]}), "H-06: the other keys are the source's parameters")
	Expect(image.Spec.Checksum).To(Equal(sums.SHA512), "R-40: expected checksum")
	Expect(image.Status.Checksum).To(Equal(sums.SHA512), "checksum of the file")
	AddReportEntry("requests", harness.Must(server.Stats(ctx)))
}

var _ = Describe("bi", Label("bi", "bi-download"), func() {
	DescribeTable("of a backing image that does not exist is downloaded on demand, as", onDemand,
		Label("clause:R-40"),
		Entry("raw", SpecTimeout(timeouts.Spec), imageserver.Raw(24, 21), "good"),
		Entry("qcow2", SpecTimeout(timeouts.Spec), imageserver.RawQCOW2(24, 22), "good"),
		Entry("raw, from a server that redirects", SpecTimeout(timeouts.Spec), imageserver.Raw(8, 23), "redirect", "times=2"),
		Entry("raw, from a slow server", SpecTimeout(timeouts.Spec), imageserver.Raw(4, 24), "slow", "kbps=1024"),
	)

	It("of a backing image that does not exist is exported on demand",
		Label("clause:R-42"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, pod, whole := filled(ctx, env)
			keys := map[string]string{"volume-name": harness.Must(env.HandleOf(ctx, claim)), "export-type": "qcow2"}
			imported(ctx, env, "wanted", harness.ImageHandle(env.ImageName("wanted"), exported, keys))
			reader := restored(ctx, env, "restored", "wanted", volumeMiB)
			harness.Must(pod.Write(ctx, workload.Content{Seed: 5, MiB: 8}))
			haveSum(ctx, reader, volumeMiB, whole, "the restore")
			image := harness.Must(longhorn.Image(ctx, env.Client, env.ImageName("wanted")))
			Expect(harness.Must(env.InspectImage(ctx, image, "qcow2")).Format).To(Equal("qcow2"))
		})

	It("of a qcow2 image of 1 GiB with little data takes little room",
		Label("clause:R-40"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			server := harness.Must(env.StartImageServer(ctx))
			sums := harness.Must(server.Sums(ctx, imageserver.Sparse))
			name := env.ImageName("sparse")
			imported(ctx, env, "sparse", harness.ImageHandle(name, downloaded, map[string]string{"url": server.URL("good", imageserver.Sparse)}))
			reader := restored(ctx, env, "restored", "sparse", sums.VirtualSize>>20)
			image := harness.Must(longhorn.Image(ctx, env.Client, name))
			Expect(image.Status.VirtualSize).To(Equal(sums.VirtualSize))
			Expect(image.Status.RealSize).To(BeNumerically("<", 64<<20), "what the image takes")
			behind := harness.Must(longhorn.Volume(ctx, env.Client, harness.Must(env.HandleOf(ctx, harness.Must(env.Claim(ctx, "restored"))))))
			Expect(behind.Status.ActualSize).To(BeNumerically("<", 64<<20), "what the volume takes")
			haveSum(ctx, reader, sums.VirtualSize>>20, sums.SHA256Content, "the restore")
		})

	It("of a backing image that cannot be made is refused and none is made",
		Label("clause:R-41", "clause:R-42", "clause:R-43", "clause:R-44", "clause:R-50", "clause:R-55", "clause:H-22", "clause:H-26"),
		SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			name := env.ImageName("impossible")
			const refusedByHandle, missing = "invalid CSI snapshotHandle", "missing parameters"
			url := map[string]string{"url": "http://images.example/x.img"}
			export := map[string]string{"volume-name": "some-volume", "export-type": "raw"}
			handles := map[string][]string{
				harness.ImageHandle(name, downloaded, nil):                                                         {"InvalidArgument", missing, "url"},
				"bi://backing?backingImage=" + name + "&backingImageDataSourceType=download&url=%zz":               {"InvalidArgument", missing},
				harness.ImageHandle(name, exported, map[string]string{"volume-name": "some-volume"}):               {"InvalidArgument", missing},
				harness.ImageHandle(name, exported, map[string]string{"export-type": "raw"}):                       {"InvalidArgument", missing},
				harness.ImageHandle(name, exported, with(export, "export-type", "vmdk")):                           {"InvalidArgument"},
				harness.ImageHandle(name, "upload", nil):                                                           {"InvalidArgument", "backing image type upload is not supported via CSI"},
				harness.ImageHandle(name, "export-form-volume", export):                                            {"InvalidArgument", "is not supported via CSI"},
				harness.ImageHandle(name, downloaded, with(url, harness.HandleChecksum, strings.Repeat("A", 128))): {"InvalidArgument", "checksum"},
				harness.ImageHandle(name, downloaded, with(url, "url", "ftp://images.example/x.img")):              {"InvalidArgument"},
				"bi://backing?backingImage=" + name:                                                                {"InvalidArgument", refusedByHandle},
				"bi://backing":                                                                                     {"InvalidArgument", refusedByHandle},
			}
			if env.Follows("1.12") {
				handles[harness.ImageHandle(name, downloaded, with(url, "url", "http://127.0.0.1:8080/x.img"))] = []string{"InvalidArgument"}
			}
			refused(ctx, env, handles)
			images := harness.Must(longhorn.Images(ctx, env.Client))
			for _, image := range images {
				Expect(image.Name).NotTo(Equal(name), "no image was made for a handle that was refused")
			}
		})
})
