package front

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/s3front"
)

const (
	port      = 9000
	program   = "muster-workload"
	container = "front"
	configDir = "/front"
	// lookAgain is how often a front is asked for its counters.
	lookAgain = 200 * time.Millisecond
)

// create makes secret, pod and Service.
func (f *Front) create(ctx context.Context) error {
	identity, err := backupstore.NewIdentity([]string{
		f.Name + "." + f.Namespace, f.Name + "." + f.Namespace + ".svc", f.Name + "." + f.Namespace + ".svc.cluster.local",
	})
	if err != nil {
		return err
	}
	f.ca = identity.CA
	core := f.kube.Core.CoreV1()
	secret := &corev1.Secret{ObjectMeta: f.meta(), Data: map[string][]byte{
		s3front.FileCertificate: identity.Certificate, s3front.FileKey: identity.Key,
		s3front.FileUpstream: []byte(f.store.Endpoint), s3front.FileUpstreamCA: f.store.CA,
	}}
	f.kube.Mark(secret)
	if _, err := core.Secrets(f.Namespace).Create(ctx, secret, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create its secret: %w", err)
	}
	service := &corev1.Service{ObjectMeta: f.meta(), Spec: corev1.ServiceSpec{
		Selector: f.meta().Labels, Ports: []corev1.ServicePort{{Name: "s3", Port: port, TargetPort: intstr.FromInt32(port)}},
	}}
	f.kube.Mark(service)
	if _, err := core.Services(f.Namespace).Create(ctx, service, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create its Service: %w", err)
	}
	if _, err := core.Pods(f.Namespace).Create(ctx, f.kube.MarkPod(f.pod()), metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create its pod: %w", err)
	}
	return nil
}

func (f *Front) pod() *corev1.Pod {
	main := corev1.Container{
		Name: container, Image: workload.Image, ImagePullPolicy: corev1.PullNever,
		Command:      []string{program, "s3-front", "--config", configDir},
		VolumeMounts: []corev1.VolumeMount{{Name: "config", MountPath: configDir, ReadOnly: true}},
		StartupProbe: &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{program, "s3-front", "ready"}}},
			PeriodSeconds: 1, TimeoutSeconds: 5,
			// Then it stays in the Service whatever it is told to do: what fails then is for the driver to see.
			FailureThreshold: 60,
		},
	}
	return &corev1.Pod{ObjectMeta: f.meta(), Spec: corev1.PodSpec{
		Containers: []corev1.Container{main},
		// One that was started again would have forgotten its fault and what it had counted.
		RestartPolicy:                 corev1.RestartPolicyNever,
		TerminationGracePeriodSeconds: ptr.To(int64(1)),
		AutomountServiceAccountToken:  ptr.To(false),
		EnableServiceLinks:            ptr.To(false),
		Volumes: []corev1.Volume{{Name: "config", VolumeSource: corev1.VolumeSource{
			Secret: &corev1.SecretVolumeSource{SecretName: f.Name},
		}}},
	}}
}
