package imageserver

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/workload"
)

const (
	port       = 8080
	program    = "muster-workload"
	subcommand = "image-server"
	container  = "images"
	imagesDir  = "/images"
	// nobody is a user that owns nothing.
	nobody = 65532
)

// create makes Service and pod.
func (s *Server) create(ctx context.Context) error {
	core := s.kube.Core.CoreV1()
	service := &corev1.Service{ObjectMeta: s.meta(), Spec: corev1.ServiceSpec{
		Selector: s.meta().Labels, Ports: []corev1.ServicePort{{Name: "http", Port: port, TargetPort: intstr.FromInt32(port)}},
		// The pod is ready only when it is reached through the Service.
		PublishNotReadyAddresses: true,
	}}
	s.kube.Mark(service)
	if _, err := core.Services(s.Namespace).Create(ctx, service, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create its Service: %w", err)
	}
	if _, err := core.Pods(s.Namespace).Create(ctx, s.kube.MarkPod(s.pod()), metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create its pod: %w", err)
	}
	return nil
}

func (s *Server) pod() *corev1.Pod {
	main := corev1.Container{
		Name: container, Image: workload.Image, ImagePullPolicy: corev1.PullNever,
		Command:         []string{program, subcommand, "--address", fmt.Sprintf(":%d", port), "--dir", imagesDir},
		VolumeMounts:    []corev1.VolumeMount{{Name: "images", MountPath: imagesDir}},
		StartupProbe:    s.reached(),
		SecurityContext: restricted(),
	}
	return &corev1.Pod{ObjectMeta: s.meta(), Spec: corev1.PodSpec{
		Containers: []corev1.Container{main},
		// One that was started again would have forgotten what it had counted.
		RestartPolicy:                 corev1.RestartPolicyNever,
		TerminationGracePeriodSeconds: ptr.To(int64(1)),
		AutomountServiceAccountToken:  ptr.To(false),
		EnableServiceLinks:            ptr.To(false),
		Volumes:                       []corev1.Volume{{Name: "images", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
	}}
}

// reached asks for /healthz at the address that the driver gets: a driver tries a
// URL when it is told, and name and Service take a moment to exist everywhere.
func (s *Server) reached() *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{
			Command: []string{program, subcommand, "ready", "--server", s.address()},
		}},
		PeriodSeconds: 1, TimeoutSeconds: 5,
		// Then it stays ready: what fails after that is for the driver to see.
		FailureThreshold: 60,
	}
}

// restricted takes away what a program does not need that only sends files.
func restricted() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		RunAsNonRoot: ptr.To(true), RunAsUser: ptr.To(int64(nobody)), RunAsGroup: ptr.To(int64(nobody)),
		AllowPrivilegeEscalation: ptr.To(false),
		ReadOnlyRootFilesystem:   ptr.To(true),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}

func (s *Server) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.Namespace, Name: s.Name, Labels: map[string]string{"app": s.Name}}
}
