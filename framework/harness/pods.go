package harness

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/workload"
)

// StartPod starts an idle pod with the claim mounted and waits until it is ready.
func (e *Env) StartPod(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim) (*workload.Pod, error) {
	return workload.Start(ctx, e.Kube, e.podSpec(name, claim))
}

// WaitPod waits until a pod that NeverStarts has made, and that may start now, is ready.
func (e *Env) WaitPod(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim) (*workload.Pod, error) {
	return workload.Await(ctx, e.Kube, e.podSpec(name, claim))
}

// StartWriter starts a pod that appends numbered records to the claim's volume for ever, each made
// durable before the next begins.
func (e *Env) StartWriter(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim) (*workload.Sequence, error) {
	writer, err := workload.StartSequence(ctx, e.Kube, e.podSpec(name, claim))
	if err != nil {
		return nil, err
	}
	e.OnCleanup(writer.Stop)
	return writer, nil
}

func (e *Env) podSpec(name string, claim *corev1.PersistentVolumeClaim) workload.Spec {
	block := ptr.Deref(claim.Spec.VolumeMode, corev1.PersistentVolumeFilesystem) == corev1.PersistentVolumeBlock
	return workload.Spec{Namespace: e.Namespace, Name: name, Claim: claim.Name, Block: block}
}

// StartClient starts an idle pod without a volume that has the keys of the namespace's secret as environment variables.
func (e *Env) StartClient(ctx context.Context, name, secret string) (*workload.Pod, error) {
	return workload.Start(ctx, e.Kube, workload.Spec{Namespace: e.Namespace, Name: name, SecretEnv: secret})
}

// CopySecret copies a secret of another namespace into the spec's, where its pods can use it, and returns its name.
func (e *Env) CopySecret(ctx context.Context, namespace, name string) (string, error) {
	var secret corev1.Secret
	if err := e.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &secret); err != nil {
		return "", fmt.Errorf("read secret %s/%s: %w", namespace, name, err)
	}
	copied := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: name}, Type: secret.Type, Data: secret.Data}
	if err := e.Client.Create(ctx, copied); err != nil {
		return "", fmt.Errorf("copy secret %s/%s: %w", namespace, name, err)
	}
	return name, nil
}
