// Package sidecar holds the specs about what the csi-snapshotter makes of the
// driver's answers: when it asks again, what it keeps, and what it passes on.
package sidecar

import (
	"context"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/workload"
)

// volumeMiB is the size of the volumes here.
const volumeMiB = 64

// filled makes a volume in use with some content, whose SHA-256 it returns.
func filled(ctx context.Context, env *harness.Env, class string) (*corev1.PersistentVolumeClaim, string) {
	claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "source", MiB: volumeMiB, Class: class}))
	pod := harness.Must(env.StartPod(ctx, "user", claim))
	return claim, harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
}

// classOf makes a VolumeSnapshotClass with these parameters and policy Delete.
func classOf(ctx context.Context, env *harness.Env, parameters map[string]string) string {
	return harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, parameters))
}
