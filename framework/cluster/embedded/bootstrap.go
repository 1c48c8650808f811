//go:build linux

package embedded

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

// lookEvery is how often the API is asked for a condition.
const lookEvery = 100 * time.Millisecond

// bootstrap gives a fresh API server what every cluster has: rights for
// administrators and for the API server towards kubelets, and cluster DNS.
// Returns when the node is Ready and the DNS answers.
func (h host) bootstrap(ctx context.Context, m marks) error {
	if err := m.await(ctx, supervisor.StepAPIServer); err != nil {
		return err
	}
	client, err := cluster.Connect(h.layout.kubeconfig())
	if err != nil {
		return err
	}
	if err := bindAdministrators(ctx, client); err != nil {
		return err
	}
	dns := make(chan error, 1)
	go func() { dns <- h.startDNS(ctx, client) }()
	if err := awaitNode(ctx, client, nodeName(h.cfg.Name)); err != nil {
		return err
	}
	h.steps.Reached("node Ready")
	if err := <-dns; err != nil {
		return err
	}
	h.steps.Reached("cluster DNS ready")
	return nil
}

// bindAdministrators gives the group of kubeadm's admin.conf full rights, and
// the API server the right to use the kubelets, without which kubectl logs and
// exec are forbidden.
func bindAdministrators(ctx context.Context, client kubernetes.Interface) error {
	bindings := []struct{ name, role, kind, subject string }{
		{"kubeadm:cluster-admins", "cluster-admin", rbacv1.GroupKind, "kubeadm:cluster-admins"},
		{"muster:kubelet-api-admin", "system:kubelet-api-admin", rbacv1.UserKind, "kube-apiserver-kubelet-client"},
	}
	for _, b := range bindings {
		binding := &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: b.name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: b.role},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: b.kind, Name: b.subject}},
		}
		if err := create(client.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{})); err != nil {
			return fmt.Errorf("bind %s to %s: %w", b.subject, b.role, err)
		}
	}
	return nil
}

// awaitNode returns when the node is Ready and pods may be scheduled to it.
func awaitNode(ctx context.Context, client kubernetes.Interface, name string) error {
	last := "it has not registered"
	err := wait.PollUntilContextCancel(ctx, lookEvery, true, func(ctx context.Context) (bool, error) {
		node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		if err != nil {
			last = err.Error()
			return false, nil
		}
		ready, why := cluster.NodeReady(node)
		last = why
		return ready, nil
	})
	if err != nil {
		return fmt.Errorf("the node did not become Ready: %s", last)
	}
	return nil
}

// imageRef returns the reference of the image with that base name, "" when the
// set has none.
func imageRef(set Programs, name string) string {
	for _, image := range set.Images() {
		if strings.HasPrefix(image.Ref, "muster.local/"+name+":") {
			return image.Ref
		}
	}
	return ""
}

// checkImages returns an error when an image that every cluster needs is not
// in the set.
func checkImages(set Programs) error {
	var failures []error
	for _, name := range []string{"pause", "coredns"} {
		if imageRef(set, name) == "" {
			failures = append(failures, fmt.Errorf("the image muster.local/%s is missing; run make components", name))
		}
	}
	return errors.Join(failures...)
}
