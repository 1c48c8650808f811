package harness

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

const (
	// nfsImage is the test pods' program on top of a user-space NFS server.
	nfsImage  = "muster.local/muster-nfs:dev"
	nfsExport = "/export"
	nfsPort   = 2049
)

// NeedsNFS skips the spec where the driver has no NFS client: neither the node's kernel
// nor, as the reference driver has, one of its own that needs FUSE.
func (e *Env) NeedsNFS(ctx context.Context) {
	ginkgo.GinkgoHelper()
	probe := Must(workload.Start(ctx, e.Kube, workload.Spec{Namespace: e.Namespace, Name: "kernel"}))
	mountable := func(fileSystem string) bool {
		return strings.TrimSpace(string(Must(probe.Exec(ctx, "mountable", fileSystem)))) == "true"
	}
	if mountable("nfs4") {
		return
	}
	if e.Config.Target != target.Reference {
		ginkgo.Skip("the node's kernel cannot mount nfs4: /proc/filesystems does not list it; load the module on the node, as with modprobe nfsv4")
	}
	if !mountable("fuse") {
		ginkgo.Skip("the node's kernel can mount neither nfs4 nor fuse: /proc/filesystems lists neither; load a module on the node, as with modprobe fuse")
	}
}

// CreateNFSTarget starts an NFS server in a namespace of its own and makes a backup target of it.
func (e *Env) CreateNFSTarget(ctx context.Context) (*Target, error) {
	namespace := e.ownNamespace("-nfs")
	if err := e.Client.Create(ctx, namespace); err != nil {
		return nil, fmt.Errorf("create the NFS server's namespace: %w", err)
	}
	e.OnRemoved(func(ctx context.Context) error {
		return client.IgnoreNotFound(e.Client.Delete(ctx, namespace.DeepCopy()))
	})
	meta := metav1.ObjectMeta{Namespace: namespace.Name, Name: "nfs", Labels: map[string]string{"app": "nfs"}}
	service := &corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{
		Selector: meta.Labels, Ports: []corev1.ServicePort{{Name: "nfs", Port: nfsPort, TargetPort: intstr.FromInt32(nfsPort)}},
	}}
	pod := e.Kube.MarkPod(nfsServer(meta))
	for _, object := range []client.Object{service, pod} {
		if err := e.Client.Create(ctx, object); err != nil {
			return nil, fmt.Errorf("create the NFS server: %w", err)
		}
	}
	_, err := Until(ctx, e.Cluster, pod.DeepCopy(), timeouts.PodReady, "be ready", func(pod *corev1.Pod) (bool, string, error) {
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				return true, "ready", nil
			}
		}
		return false, "phase " + string(pod.Status.Phase), nil
	})
	if err != nil {
		return nil, err
	}
	return e.createTarget(ctx, &Target{URL: fmt.Sprintf("nfs://nfs.%s:%s", namespace.Name, nfsExport)}, nil)
}

func nfsServer(meta metav1.ObjectMeta) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: meta, Spec: corev1.PodSpec{
		TerminationGracePeriodSeconds: ptr.To(int64(1)),
		AutomountServiceAccountToken:  ptr.To(false),
		EnableServiceLinks:            ptr.To(false),
		Containers: []corev1.Container{{
			Name: "nfs", Image: nfsImage, ImagePullPolicy: corev1.PullNever,
			Command: []string{"muster-nfs", "nfs-server", nfsExport},
			// It opens files by handle.
			SecurityContext: &corev1.SecurityContext{Privileged: ptr.To(true)},
			ReadinessProbe: &corev1.Probe{
				ProbeHandler:  corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(nfsPort)}},
				PeriodSeconds: 1,
			},
			VolumeMounts: []corev1.VolumeMount{{Name: "export", MountPath: nfsExport}},
		}},
		Volumes: []corev1.Volume{{Name: "export", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
	}}
}
