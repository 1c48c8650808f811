// Package bak holds the specs about snapshots of type bak: backups that go into
// a bucket, and what comes back from there.
package bak

import (
	"context"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/workload"
)

const (
	// volumeMiB is the size of most volumes here.
	volumeMiB = 64
	// blockMiB is the size of a block in the store unless a class says otherwise (clause B-01).
	blockMiB = 2
)

// inUse makes a claim and a pod that uses it.
func inUse(ctx context.Context, env *harness.Env, want harness.Claim) (*corev1.PersistentVolumeClaim, *workload.Pod) {
	claim := harness.Must(env.BoundClaim(ctx, want))
	return claim, harness.Must(env.StartPod(ctx, want.Name+"-user", claim))
}

// filled makes a small volume in use with some content, whose SHA-256 it returns.
func filled(ctx context.Context, env *harness.Env, want harness.Claim) (*corev1.PersistentVolumeClaim, *workload.Pod, string) {
	if want.MiB == 0 {
		want.MiB = volumeMiB
	}
	claim, pod := inUse(ctx, env, want)
	return claim, pod, harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
}

// restored makes a claim from a VolumeSnapshot, waits for its data and returns a pod that uses it.
func restored(ctx context.Context, env *harness.Env, snapshot string, want harness.Claim) *workload.Pod {
	want.Snapshot, want.Name = snapshot, "from-"+snapshot
	if want.MiB == 0 {
		want.MiB = volumeMiB
	}
	claim := harness.Must(env.RestoredClaim(ctx, want))
	return harness.Must(env.StartPod(ctx, want.Name+"-reader", claim))
}

// namesOf takes the handle behind a VolumeSnapshot apart.
func namesOf(ctx context.Context, env *harness.Env, snapshot *snapshotv1.VolumeSnapshot) (volume, backup string) {
	volume, backup, err := harness.SplitHandle(harness.Must(env.SnapshotHandleOf(ctx, snapshot)))
	return volume, harness.Must(backup, err)
}
