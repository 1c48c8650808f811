//go:build linux

package embedded

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

const (
	dnsNamespace = "kube-system"
	dnsName      = "coredns"
	dnsService   = "kube-dns" // the name every Kubernetes installer uses
)

// corefile answers names of the cluster and nothing else: the cluster has no
// way out to other name servers, and a quick refusal beats a timeout.
const corefile = `.:53 {
    errors
    ready :8181
    kubernetes cluster.local in-addr.arpa {
        pods insecure
        ttl 5
    }
    loop
    reload
}
`

// startDNS makes the cluster DNS and returns when its pod answers.
func (h host) startDNS(ctx context.Context, client kubernetes.Interface) error {
	ip := supervisor.DNSAddress(h.plan.services).String()
	if err := createDNS(ctx, client, ip, imageRef(h.cfg.Set, dnsName)); err != nil {
		return fmt.Errorf("make the cluster DNS: %w", err)
	}
	last := "no pod yet"
	err := wait.PollUntilContextCancel(ctx, lookEvery, true, func(ctx context.Context) (bool, error) {
		d, err := client.AppsV1().Deployments(dnsNamespace).Get(ctx, dnsName, metav1.GetOptions{})
		if err != nil {
			last = err.Error()
			return false, nil
		}
		last = fmt.Sprintf("%d pods, %d ready", d.Status.Replicas, d.Status.ReadyReplicas)
		return d.Status.ReadyReplicas > 0, nil
	})
	if err != nil {
		return fmt.Errorf("the cluster DNS did not become ready: %s", last)
	}
	return nil
}

func createDNS(ctx context.Context, client kubernetes.Interface, ip, image string) error {
	opts := metav1.CreateOptions{}
	meta := metav1.ObjectMeta{Name: dnsName, Namespace: dnsNamespace, Labels: dnsLabels()}
	creations := []func() error{
		func() error {
			return create(client.CoreV1().ServiceAccounts(dnsNamespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: meta}, opts))
		},
		func() error { return create(client.RbacV1().ClusterRoles().Create(ctx, dnsRole(), opts)) },
		func() error { return create(client.RbacV1().ClusterRoleBindings().Create(ctx, dnsBinding(), opts)) },
		func() error {
			data := map[string]string{"Corefile": corefile}
			return create(client.CoreV1().ConfigMaps(dnsNamespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: meta, Data: data}, opts))
		},
		func() error {
			return create(client.CoreV1().Services(dnsNamespace).Create(ctx, dnsServiceAt(ip), opts))
		},
		func() error {
			return create(client.AppsV1().Deployments(dnsNamespace).Create(ctx, dnsDeployment(meta, image), opts))
		},
	}
	for _, make := range creations {
		if err := make(); err != nil {
			return err
		}
	}
	return nil
}

// create drops the object and lets one that is there already stand.
func create[T any](_ T, err error) error {
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

func dnsLabels() map[string]string { return map[string]string{"k8s-app": dnsService} }

func dnsRole() *rbacv1.ClusterRole {
	read := []string{"list", "watch"}
	return &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "system:coredns"},
		Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{""}, Resources: []string{"endpoints", "services", "pods", "namespaces"}, Verbs: read},
			{APIGroups: []string{"discovery.k8s.io"}, Resources: []string{"endpointslices"}, Verbs: read},
		},
	}
}

func dnsBinding() *rbacv1.ClusterRoleBinding {
	return &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "system:coredns"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "system:coredns"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Name: dnsName, Namespace: dnsNamespace}},
	}
}

func dnsServiceAt(ip string) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: dnsService, Namespace: dnsNamespace, Labels: dnsLabels()},
		Spec: corev1.ServiceSpec{
			ClusterIP: ip, Selector: dnsLabels(),
			Ports: []corev1.ServicePort{
				{Name: "dns", Port: 53, Protocol: corev1.ProtocolUDP},
				{Name: "dns-tcp", Port: 53, Protocol: corev1.ProtocolTCP},
			},
		},
	}
}

func dnsDeployment(meta metav1.ObjectMeta, image string) *appsv1.Deployment {
	probe := &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/ready", Port: intstr.FromInt32(8181)}},
		PeriodSeconds: 1,
	}
	config := corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: dnsName}}
	return &appsv1.Deployment{
		ObjectMeta: meta,
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: dnsLabels()},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: dnsLabels()},
				Spec: corev1.PodSpec{
					ServiceAccountName: dnsName,
					DNSPolicy:          corev1.DNSDefault,
					PriorityClassName:  "system-cluster-critical",
					Volumes:            []corev1.Volume{{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &config}}},
					Containers: []corev1.Container{{
						Name: dnsName, Image: image, ImagePullPolicy: corev1.PullNever,
						Args:           []string{"-conf", "/etc/coredns/Corefile"},
						ReadinessProbe: probe,
						VolumeMounts:   []corev1.VolumeMount{{Name: "config", MountPath: "/etc/coredns"}},
					}},
				},
			},
		},
	}
}
