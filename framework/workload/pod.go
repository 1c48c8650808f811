// Package workload runs test pods and what they do to their volume: writing
// content, reading it back, a writer that never stops. It returns values and
// errors; specs assert.
package workload

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Image is that of test pods: one static program, muster-workload.
const Image = "muster.local/muster-workload:dev"

const (
	program   = "muster-workload"
	container = "workload"
	mountPath = "/data"
	blockPath = "/dev/vol"
)

// Spec describes a test pod.
type Spec struct {
	// Namespace and Name are the pod's.
	Namespace, Name string
	// Claim is the PersistentVolumeClaim to use, empty for none.
	Claim string
	// Block says that the claim is a raw block device.
	Block bool
	// ReadOnly mounts the file system read-only.
	ReadOnly bool
	// SecretEnv is a Secret of the namespace whose keys become environment
	// variables, empty for none.
	SecretEnv string
	// Labels are put on the pod.
	Labels map[string]string
}

// Pod is a running test pod. Its methods may be called concurrently.
type Pod struct {
	// Namespace and Name are the pod's.
	Namespace, Name string

	client *kube.Client
	block  bool
}

// Start creates the pod and returns when it is ready. A pod that does not become
// ready is left for evidence; the error tells what it is doing.
func Start(ctx context.Context, c *kube.Client, spec Spec) (*Pod, error) {
	return start(ctx, c, spec, []string{"pause"})
}

// Create is Start without the wait, for a pod that is not expected to become ready.
func Create(ctx context.Context, c *kube.Client, spec Spec) error {
	return create(ctx, c, spec, []string{"pause"})
}

func create(ctx context.Context, c *kube.Client, spec Spec, args []string) error {
	if _, err := c.Core.CoreV1().Pods(spec.Namespace).Create(ctx, c.MarkPod(spec.pod(args)), metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("cannot create test pod %s: %w", spec.Name, err)
	}
	return nil
}

func start(ctx context.Context, c *kube.Client, spec Spec, args []string) (*Pod, error) {
	if err := create(ctx, c, spec, args); err != nil {
		return nil, err
	}
	return Await(ctx, c, spec)
}

// Await is the second half of Start, for a pod that Create has made.
func Await(ctx context.Context, c *kube.Client, spec Spec) (*Pod, error) {
	pod := &Pod{Namespace: spec.Namespace, Name: spec.Name, client: c, block: spec.Block}
	if err := c.PodReady(ctx, pod.Namespace, pod.Name, timeouts.PodReady); err != nil {
		return nil, err
	}
	return pod, nil
}

// Stop deletes the pod and returns when it is gone and its volume unmounted from
// it. A pod that is gone already is no error.
func (p *Pod) Stop(ctx context.Context) error {
	err := p.client.Core.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot delete test pod %s: %w", p.Name, err)
	}
	_, err = kube.Until(ctx, p.client, p.ref(), timeouts.PodGone, "be gone", func(pod *corev1.Pod) (bool, string, error) {
		if pod == nil {
			return true, "gone", nil
		}
		return false, fmt.Sprintf("phase %s, deletion asked for: %t", pod.Status.Phase, pod.DeletionTimestamp != nil), nil
	})
	return err
}

func (p *Pod) ref() kube.Ref {
	return kube.Ref{Resource: kube.Pods, Namespace: p.Namespace, Name: p.Name}
}

func (s Spec) pod(args []string) *corev1.Pod {
	main := corev1.Container{
		Name: container, Image: Image, ImagePullPolicy: corev1.PullNever,
		Command: append([]string{program}, args...),
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: s.Name, Labels: s.Labels},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever,
			// Not 0, which would remove the object while its mounts still exist.
			TerminationGracePeriodSeconds: ptr.To(int64(1)),
			AutomountServiceAccountToken:  ptr.To(false),
			EnableServiceLinks:            ptr.To(false),
		},
	}
	if s.Claim != "" {
		claim := &corev1.PersistentVolumeClaimVolumeSource{ClaimName: s.Claim, ReadOnly: s.ReadOnly}
		pod.Spec.Volumes = []corev1.Volume{{Name: "volume", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: claim}}}
		if s.Block {
			main.VolumeDevices = []corev1.VolumeDevice{{Name: "volume", DevicePath: blockPath}}
		} else {
			main.VolumeMounts = []corev1.VolumeMount{{Name: "volume", MountPath: mountPath, ReadOnly: s.ReadOnly}}
		}
	}
	if s.SecretEnv != "" {
		main.EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: s.SecretEnv}}}}
	}
	pod.Spec.Containers = []corev1.Container{main}
	return pod
}
