package csi

import (
	"context"
	"fmt"
	"path"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

const (
	proxyName      = "csi-proxy"
	mounted        = "/csi"
	controllerPort = 9001
	nodePort       = 9002
)

// Connect puts a pod beside the driver's sockets, into a namespace that exists,
// and returns when both parts of the driver can be reached through it. The pod
// goes with the namespace.
func Connect(ctx context.Context, c *kube.Client, namespace string, sockets target.Sockets) (*Conn, error) {
	if _, err := c.Core.CoreV1().Pods(namespace).Create(ctx, c.MarkPod(proxy(sockets)), metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("cannot make the pod that reaches the driver's CSI sockets: %w", err)
	}
	if err := c.PodReady(ctx, namespace, proxyName, timeouts.PodReady); err != nil {
		return nil, err
	}
	// The ways in outlive the spec that asked first.
	lasting := context.WithoutCancel(ctx)
	controller, stopController, err := c.Forward(lasting, namespace, proxyName, controllerPort)
	if err != nil {
		return nil, err
	}
	node, stopNode, err := c.Forward(lasting, namespace, proxyName, nodePort)
	if err != nil {
		stopController()
		return nil, err
	}
	conn, err := dial(controller, node, func() { stopController(); stopNode() })
	if err != nil {
		stopController()
		stopNode()
	}
	return conn, err
}

// proxy is the pod: root, because the sockets are root's, and nothing beyond that.
func proxy(sockets target.Sockets) *corev1.Pod {
	command := []string{"muster-workload", "socket-proxy"}
	pass := func(port int, socket string) string {
		return fmt.Sprintf("127.0.0.1:%d=%s", port, path.Join(mounted, socket))
	}
	passes := []string{pass(controllerPort, sockets.Controller), pass(nodePort, sockets.NodePart)}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: proxyName, Labels: map[string]string{"app": proxyName}},
		Spec: corev1.PodSpec{
			NodeName:                      sockets.Node,
			Tolerations:                   []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
			AutomountServiceAccountToken:  ptr.To(false),
			EnableServiceLinks:            ptr.To(false),
			TerminationGracePeriodSeconds: ptr.To(int64(1)),
			Containers: []corev1.Container{{
				Name: proxyName, Image: workload.Image, ImagePullPolicy: corev1.PullNever,
				Command:      append(slices.Clone(command), passes...),
				VolumeMounts: []corev1.VolumeMount{{Name: "sockets", MountPath: mounted}},
				// The first connection that nobody took would end the way in. Once it
				// serves it is asked no more: each question is a process of its own.
				StartupProbe: &corev1.Probe{PeriodSeconds: 1, FailureThreshold: 60, ProbeHandler: corev1.ProbeHandler{
					Exec: &corev1.ExecAction{Command: append(append(command, "ready"), passes...)},
				}},
			}},
			Volumes: []corev1.Volume{{Name: "sockets", VolumeSource: corev1.VolumeSource{
				HostPath: &corev1.HostPathVolumeSource{Path: sockets.Dir, Type: ptr.To(corev1.HostPathDirectory)},
			}}},
		},
	}
}
