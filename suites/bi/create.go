package bi

import (
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// createOf exports a volume with a class that has these parameters and looks at
// what Kubernetes and Longhorn say; the image is to have that format.
func createOf(ctx SpecContext, parameters map[string]string, format string) {
	env := harness.Begin(ctx)
	claim, _, _ := filled(ctx, env)
	class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, parameters))

	By("exporting the volume while a pod uses it")
	snapshot, image := export(ctx, env, "image", claim, class)

	By("reading what Kubernetes says about it")
	volume := harness.Must(env.HandleOf(ctx, claim))
	content := harness.Must(env.ContentOf(ctx, snapshot))
	// Longhorn cuts names of images to 40 characters with a hash at the end, so only the beginning is the snapshot's.
	Expect(image.Name).To(HavePrefix("snapshot-"+string(snapshot.UID)[:8]), "name of the backing image")
	Expect(harness.HandleKeys(*content.Status.SnapshotHandle)).To(Equal(map[string]string{
		harness.HandleImage: image.Name, harness.HandleSource: exported,
		"export-type": format, "volume-name": volume,
	}), "H-04: keys of snapshotHandle")
	Expect(content.Status.RestoreSize).To(HaveValue(BeNumerically("==", volumeMiB<<20)), "restoreSize")
	Expect(time.Unix(0, *content.Status.CreationTime)).To(BeTemporally("~", snapshot.CreationTimestamp.Time, 2*time.Minute), "creationTime")

	By("reading what Longhorn says about it")
	Expect(string(image.Spec.SourceType)).To(Equal(exported))
	Expect(image.Spec.SourceParameters).To(Equal(map[string]string{"export-type": format, "volume-name": volume}))
	Expect(image.Spec.DataEngine).To(Equal(longhornv1beta2.DataEngineTypeV1), "C-48: data engine")
	left := len(harness.Must(longhorn.SnapshotsOf(ctx, env.Client, volume)))
	harness.Observe("C-46", left > 0, "the export has left %d snapshots on its source", left)
	Expect(image.Status.VirtualSize).To(BeNumerically("==", volumeMiB<<20), "virtualSize")
}

// fileOf exports a volume with a class that has these parameters and looks at the image's file, which not every driver shows.
func fileOf(ctx SpecContext, parameters map[string]string, format string) {
	env := harness.Begin(ctx)
	claim, _, _ := filled(ctx, env)
	_, image := export(ctx, env, "image", claim, harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, parameters)))
	info := harness.Must(env.InspectImage(ctx, image, format))
	Expect(info.Format).To(Equal(format), "format of the file")
	Expect(info.VirtualBytes).To(BeNumerically("==", volumeMiB<<20), "virtual size of the file")
	Expect(info.ActualBytes).To(BeNumerically("<", volumeMiB<<20/2), "C-40: what was never written takes no room in the file")
	Expect(env.SumImage(ctx, image)).To(Equal(image.Status.Checksum), "the checksum in the status is the SHA-512 of the file")
}

var _ = Describe("bi", Label("bi", "bi-create"), func() {
	DescribeTable("of an attached volume is ready with handle, restoreSize and creationTime, and its backing image is of the format that a class asks for by",
		createOf, Label("clause:C-04", "clause:H-04", "clause:C-46", "clause:C-48"),
		Entry("nothing: raw", SpecTimeout(timeouts.Spec), map[string]string{"type": "bi"}, "raw"),
		Entry("export-type: qcow2", SpecTimeout(timeouts.Spec), map[string]string{"type": "bi", "export-type": "qcow2"}, "qcow2"),
		Entry("exportType: qcow2, which wins over export-type: raw", Label("clause:C-40b"), SpecTimeout(timeouts.Spec),
			map[string]string{"type": "bi", "export-type": "raw", "exportType": "qcow2"}, "qcow2"),
		Entry("export-type: raw, before Longhorn 1.9 whatever exportType says", Label("before:C-40b"), SpecTimeout(timeouts.Spec),
			map[string]string{"type": "bi", "export-type": "raw", "exportType": "qcow2"}, "raw"),
	)

	DescribeTable("has a file that is sparse, of the format that its class asks for and with the checksum of its status, by a class with",
		fileOf,
		Entry("no export-type: raw", Label("clause:C-40"), SpecTimeout(timeouts.Spec), map[string]string{"type": "bi"}, "raw"),
		Entry("export-type: qcow2", Label("clause:C-40"), SpecTimeout(timeouts.Spec), map[string]string{"type": "bi", "export-type": "qcow2"}, "qcow2"),
		Entry("exportType: qcow2, from Longhorn 1.9 on", Label("clause:C-40b"), SpecTimeout(timeouts.Spec),
			map[string]string{"type": "bi", "export-type": "raw", "exportType": "qcow2"}, "qcow2"),
	)

	It("with an unknown export type is refused and no backing image is made",
		Label("clause:C-41"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, _, _ := filled(ctx, env)
			class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, map[string]string{"type": "bi", "export-type": "vmdk"}))
			snapshot := harness.Must(env.CreateSnapshot(ctx, "image", claim, class))
			harness.Must(env.WaitRefused(ctx, snapshot, "unsupported export type"))
			volume := harness.Must(env.HandleOf(ctx, claim))
			for _, image := range harness.Must(longhorn.Images(ctx, env.Client)) {
				Expect(image.Spec.SourceParameters).NotTo(HaveKeyWithValue("volume-name", volume), "backing image %s of the refused snapshot", image.Name)
			}
		})

	It("of a detached volume is made, and has the selectors that the class names",
		Label("both:C-42", "clause:C-04"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, pod, whole := filled(ctx, env)
			Expect(pod.Stop(ctx)).To(Succeed())
			Expect(env.WaitDetached(ctx, claim)).To(Succeed())

			class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, map[string]string{"type": "bi"}))
			export(ctx, env, "image", claim, class)
			haveSum(ctx, restored(ctx, env, "restored", "image", volumeMiB), volumeMiB, whole, "the restore")

			By("asking for selectors that no node has: the image shows them, from Longhorn 1.7 on")
			picky := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, map[string]string{
				"type": "bi", "nodeSelector": "muster-none,muster-other", "diskSelector": "muster-ssd",
			}))
			snapshot := harness.Must(env.WaitReady(ctx, harness.Must(env.CreateSnapshot(ctx, "picky", claim, picky))))
			behind := harness.Must(longhorn.Image(ctx, env.Client, harness.Must(env.ImageBehind(ctx, snapshot))))
			if !env.Follows("1.7") {
				Expect(append(behind.Spec.NodeSelector, behind.Spec.DiskSelector...)).To(BeEmpty(), "C-42: selectors before Longhorn 1.7")
				return
			}
			Expect(behind.Spec.NodeSelector).To(Equal([]string{"muster-none", "muster-other"}), "C-42: nodeSelector")
			Expect(behind.Spec.DiskSelector).To(Equal([]string{"muster-ssd"}), "C-42: diskSelector")
		})
})
