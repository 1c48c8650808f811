package api

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

// refusesBinding gives a VolumeSnapshot a content that names another VolumeSnapshot, and then one that names it.
func refusesBinding(ctx SpecContext, change func(*corev1.ObjectReference)) {
	env := harness.Begin(ctx)
	claim := source(ctx, env)
	harness.Must(env.ReadySnapshot(ctx, "original", claim))
	original := harness.Must(env.ContentOf(ctx, harness.Must(env.Snapshot(ctx, "original"))))
	handle := *original.Status.SnapshotHandle

	ref := corev1.ObjectReference{Namespace: env.Namespace, Name: "taker"}
	change(&ref)
	content := harness.Must(env.CreateContent(ctx, "imported", handle, ref))
	taker := harness.Must(env.CreateSnapshotFrom(ctx, "taker", snapshotv1.VolumeSnapshotSource{VolumeSnapshotContentName: ptr.To(content.Name)}, harness.SnapClass))
	harness.Must(env.WaitRefused(ctx, taker, content.Name, "is bound to a different snapshot"))
	taker = harness.Must(env.Snapshot(ctx, "taker"))
	Expect(taker.Status.BoundVolumeSnapshotContentName).To(BeNil(), "what the VolumeSnapshot is bound to")

	By("importing the same handle for the VolumeSnapshot that asks: it works")
	harness.Must(env.ImportHandle(ctx, "owner", handle, corev1.PersistentVolumeFilesystem))
}

var _ = Describe("api", Label("api", clusterLabel), func() {
	DescribeTable("gives a VolumeSnapshot no content whose volumeSnapshotRef names",
		refusesBinding, Label("clause:A-15"),
		Entry("a VolumeSnapshot of another name", SpecTimeout(timeouts.Spec), func(ref *corev1.ObjectReference) { ref.Name = "somebody-else" }),
		Entry("a VolumeSnapshot of another namespace", SpecTimeout(timeouts.Spec), func(ref *corev1.ObjectReference) { ref.Namespace = "somewhere-else" }),
		Entry("a VolumeSnapshot of that name which was deleted", SpecTimeout(timeouts.Spec), func(ref *corev1.ObjectReference) { ref.UID = "00000000-0000-0000-0000-000000000000" }),
	)
})
