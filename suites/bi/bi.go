// Package bi holds the specs about snapshots of type bi: backing images that are
// exported from volumes or downloaded, and volumes that begin with them.
package bi

import (
	"context"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/workload"
)

const (
	// volumeMiB is the size of most volumes here.
	volumeMiB = 64
	// exported and downloaded are how images come about, as handles name it.
	exported   = "export-from-volume"
	downloaded = "download"
)

// filled makes a raw block volume in use with content at its beginning and at its end, and returns the SHA-256 of the whole.
func filled(ctx context.Context, env *harness.Env) (*corev1.PersistentVolumeClaim, *workload.Pod, string) {
	claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: volumeMiB, Block: true}))
	pod := harness.Must(env.StartPod(ctx, "source-user", claim))
	harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
	harness.Must(pod.Write(ctx, workload.Content{Seed: 2, OffsetMiB: volumeMiB - 3, MiB: 3}))
	return claim, pod, wholeOf(ctx, pod)
}

// export takes a VolumeSnapshot of a class, harness.ImageClass when empty, and returns it with its complete image.
func export(ctx context.Context, env *harness.Env, name string, claim *corev1.PersistentVolumeClaim, class string) (*snapshotv1.VolumeSnapshot, *longhornv1beta2.BackingImage) {
	snapshot, image, err := env.ReadyImage(ctx, name, claim, class)
	ExpectWithOffset(1, err).NotTo(HaveOccurred())
	return snapshot, image
}

// wholeOf is the SHA-256 of a whole volume of the usual size.
func wholeOf(ctx context.Context, pod *workload.Pod) string {
	return harness.Must(pod.Sum(ctx, workload.Content{MiB: volumeMiB}))
}

// restored makes a claim from a VolumeSnapshot, waits for its data and returns a pod that uses it.
func restored(ctx context.Context, env *harness.Env, name, snapshot string, mib int64) *workload.Pod {
	claim := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: name, MiB: mib, Block: true, Snapshot: snapshot}))
	return harness.Must(env.StartPod(ctx, name+"-reader", claim))
}

// imported makes a VolumeSnapshot for a handle of somebody else's image.
func imported(ctx context.Context, env *harness.Env, name, handle string) {
	harness.Must(env.ImportHandle(ctx, name, handle, corev1.PersistentVolumeBlock))
}

// with returns the keys with one more, or one changed.
func with(keys map[string]string, key, value string) map[string]string {
	result := map[string]string{key: value}
	for k, v := range keys {
		if k != key {
			result[k] = v
		}
	}
	return result
}

// haveSum matches the SHA-256 of the first MiB of a pod's volume.
func haveSum(ctx context.Context, pod *workload.Pod, mib int64, want, what string) {
	ExpectWithOffset(1, harness.Must(pod.Sum(ctx, workload.Content{MiB: mib}))).To(Equal(want), "SHA-256 of "+what)
}
