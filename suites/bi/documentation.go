package bi

import (
	"context"
	"embed"
	"net/url"
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/imageserver"
)

// documentation is the YAML of Longhorn's page on backing images. Each file says what was corrected in it.
//
//go:embed documentation/*.yaml
var documentation embed.FS

// documented applies a file of the documentation. Replaced is what belongs to one spec or is out of
// reach: the namespace and names of cluster-wide objects, and in pairs whatever a reader is told to change.
func documented(ctx context.Context, env *harness.Env, file string, replaced ...string) {
	text := harness.Must(documentation.ReadFile("documentation/" + file))
	replaced = append(append(replaced, env.Documented()...),
		"namespace: default", "namespace: "+env.Namespace,
		"test-existing-backing", env.Namespace+"-existing", "test-on-demand-backing", env.Namespace+"-on-demand",
		"backingImage=test-bi", "backingImage="+env.ImageName("test-bi"))
	objects := harness.Must(kube.DecodeBytes(ctx, []byte(strings.NewReplacer(replaced...).Replace(string(text)))))
	for _, object := range objects {
		if kind := object.GetKind(); kind == "VolumeSnapshot" || kind == "PersistentVolumeClaim" {
			object.SetNamespace(env.Namespace)
		}
		ExpectWithOffset(1, env.Kube.Apply(ctx, object)).To(Succeed())
	}
}

// parrot is what the documentation downloads, and what stands for it here.
func parrot(ctx context.Context, env *harness.Env) (replaced []string, sums imageserver.Sums, address string) {
	const documentedURL = "https%3A%2F%2Flonghorn-backing-image.s3-us-west-1.amazonaws.com%2Fparrot.qcow2"
	const documentedSum = "bd79ab9e6d45abf4f3f0adf552a868074dd235c4698ce7258d521160e0ad79ffe555b94e7d4007add6e1a25f4526885eb25c53ce38f7d344dd4925b9f2cb5d3b"
	server := harness.Must(env.StartImageServer(ctx))
	file := imageserver.RawQCOW2(32, 51)
	sums = harness.Must(server.Sums(ctx, file))
	address = server.URL("good", file)
	return []string{documentedURL, url.QueryEscape(address), documentedSum, sums.SHA512}, sums, address
}

var _ = Describe("bi", Label("bi", "bi-restore"), func() {
	It("works as documented: a class, a VolumeSnapshot of a claim, and a claim from that",
		Label("clause:R-45", "clause:R-56"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "test-vol", MiB: volumeMiB}))
			written := harness.Must(harness.Must(env.StartPod(ctx, "user", claim)).Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			class := &snapshotv1.VolumeSnapshotClass{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace + "-vsc"}}
			env.OnRemoved(func(ctx context.Context) error { return client.IgnoreNotFound(env.Client.Delete(ctx, class)) })

			// There is another class of the documented name here, from the page on snapshots.
			documented(ctx, env, "create.yaml", "volumeSnapshotClassName: longhorn-snapshot-vsc", "volumeSnapshotClassName: "+class.Name, "longhorn-snapshot-vsc", class.Name)
			snapshot := harness.Must(env.WaitReady(ctx, harness.Must(env.Snapshot(ctx, "test-csi-volume-snapshot-longhorn-backing-image"))))
			keys := harness.Must(harness.HandleKeys(harness.Must(env.SnapshotHandleOf(ctx, snapshot))))
			Expect(keys).To(HaveKeyWithValue("export-type", "qcow2"))

			documented(ctx, env, "restore.yaml")
			restored := harness.Must(env.WaitRestored(ctx, harness.Must(env.Claim(ctx, "test-restore-pvc"))))
			Expect(harness.Must(env.StartPod(ctx, "reader", restored)).Sum(ctx, workload.Content{})).To(Equal(written), "SHA-256 of the file")
		})

	It("works as documented: an existing image by a static content",
		Label("clause:R-45", "clause:R-48"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			replaced, sums, address := parrot(ctx, env)
			image := harness.Must(env.CreateImage(ctx, "test-bi", downloaded, "", map[string]string{"url": address}))
			harness.Must(env.WaitImageReady(ctx, image.Name))
			documented(ctx, env, "existing.yaml", replaced...)
			harness.Must(env.WaitReady(ctx, harness.Must(env.Snapshot(ctx, "test-snapshot-existing-backing"))))
			haveSum(ctx, restored(ctx, env, "restored", "test-snapshot-existing-backing", volumeMiB), 32, sums.SHA256Content, "the restore")
		})

	It("works as documented: a missing image is downloaded",
		Label("clause:R-40"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			replaced, sums, _ := parrot(ctx, env)
			documented(ctx, env, "on-demand-download.yaml", replaced...)
			harness.Must(env.WaitReady(ctx, harness.Must(env.Snapshot(ctx, "test-snapshot-on-demand-backing"))))
			haveSum(ctx, restored(ctx, env, "restored", "test-snapshot-on-demand-backing", volumeMiB), 32, sums.SHA256Content, "the restore")
		})

	It("works as documented: a missing image is exported from a volume",
		Label("clause:R-42"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, _, whole := filled(ctx, env)
			documented(ctx, env, "on-demand-export.yaml", "vol-export-src", harness.Must(env.HandleOf(ctx, claim)))
			harness.Must(env.WaitReady(ctx, harness.Must(env.Snapshot(ctx, "test-snapshot-on-demand-backing"))))
			haveSum(ctx, restored(ctx, env, "restored", "test-snapshot-on-demand-backing", volumeMiB), volumeMiB, whole, "the restore")
		})
})
