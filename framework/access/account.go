package access

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
)

// lifetime of the token; no run takes as long.
const lifetime = 12 * time.Hour

// Account is a service account of a run that has the roles and no other rights.
type Account struct {
	// Kubeconfig is the path of a file with its token.
	Kubeconfig string

	client *kube.Client
	name   string
}

// NewAccount makes a service account with the roles, all of that name and in a namespace of that name, marked as the client's Making says, and a kubeconfig for it in a new
// folder that only the user of this process can read. Close removes both.
func NewAccount(ctx context.Context, c *kube.Client, name string, keepSettings bool) (*Account, error) {
	account := &Account{client: c, name: name}
	if err := account.make(ctx, keepSettings); err != nil {
		return nil, errors.Join(err, account.Close(context.WithoutCancel(ctx)))
	}
	return account, nil
}

func (a *Account) make(ctx context.Context, keepSettings bool) error {
	core, rbac := a.client.Core.CoreV1(), a.client.Core.RbacV1()
	roles := NewRoles(a.name, keepSettings)
	subjects := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: a.name, Name: a.name}}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: a.name}}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: a.name, Name: a.name}}
	everywhere := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: a.name}, Subjects: subjects,
		RoleRef: rbacv1.RoleRef{APIGroup: group, Kind: "ClusterRole", Name: a.name}}
	inLonghorn := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: roles.Longhorn.Namespace, Name: a.name}, Subjects: subjects,
		RoleRef: rbacv1.RoleRef{APIGroup: group, Kind: "Role", Name: a.name}}
	for _, object := range []metav1.Object{namespace, account, &roles.Cluster, everywhere, &roles.Longhorn, inLonghorn} {
		a.client.Mark(object)
	}
	create := metav1.CreateOptions{}
	for _, step := range []func() error{
		func() error { _, err := core.Namespaces().Create(ctx, namespace, create); return err },
		func() error { _, err := core.ServiceAccounts(a.name).Create(ctx, account, create); return err },
		func() error { _, err := rbac.ClusterRoles().Create(ctx, &roles.Cluster, create); return err },
		func() error { _, err := rbac.ClusterRoleBindings().Create(ctx, everywhere, create); return err },
		func() error {
			_, err := rbac.Roles(roles.Longhorn.Namespace).Create(ctx, &roles.Longhorn, create)
			return err
		},
		func() error {
			_, err := rbac.RoleBindings(roles.Longhorn.Namespace).Create(ctx, inLonghorn, create)
			return err
		},
	} {
		if err := step(); err != nil {
			return fmt.Errorf("make a service account that has only the roles of muster rbac: %w", err)
		}
	}
	return a.write(ctx)
}

// write gets a token and puts it into a kubeconfig.
func (a *Account) write(ctx context.Context) error {
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To(int64(lifetime.Seconds()))}}
	token, err := a.client.Core.CoreV1().ServiceAccounts(a.name).CreateToken(ctx, a.name, request, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("get a token for service account %s: %w", a.name, err)
	}
	config, err := kubeconfig(a.client.REST, token.Status.Token)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "muster-account-") // for this user only
	if err != nil {
		return fmt.Errorf("make a folder for the kubeconfig of service account %s: %w", a.name, err)
	}
	a.Kubeconfig = filepath.Join(dir, "kubeconfig")
	if err := clientcmd.WriteToFile(*config, a.Kubeconfig); err != nil {
		return fmt.Errorf("write the kubeconfig of service account %s: %w", a.name, err)
	}
	return nil
}

// kubeconfig reaches the same API server with a token and nothing else.
func kubeconfig(from *rest.Config, token string) (*clientcmdapi.Config, error) {
	anonymous := rest.AnonymousClientConfig(from)
	if err := rest.LoadTLSFiles(anonymous); err != nil {
		return nil, fmt.Errorf("read the certificate of the API server's CA: %w", err)
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["cluster"] = &clientcmdapi.Cluster{
		Server: anonymous.Host, CertificateAuthorityData: anonymous.CAData,
		InsecureSkipTLSVerify: anonymous.Insecure, TLSServerName: anonymous.ServerName,
	}
	config.AuthInfos["account"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["account"] = &clientcmdapi.Context{Cluster: "cluster", AuthInfo: "account"}
	config.CurrentContext = "account"
	return config, nil
}

// Name is the name of the account, and of its namespace.
func (a *Account) Name() string { return a.name }

// Close removes the account, its roles and the kubeconfig, and returns when they are gone. It may be called again.
func (a *Account) Close(ctx context.Context) error {
	core, rbac := a.client.Core.CoreV1(), a.client.Core.RbacV1()
	longhorn := NewRoles(a.name, false).Longhorn.Namespace
	var failures []error
	for _, remove := range []func(context.Context, string, metav1.DeleteOptions) error{
		rbac.RoleBindings(longhorn).Delete, rbac.Roles(longhorn).Delete,
		rbac.ClusterRoleBindings().Delete, rbac.ClusterRoles().Delete, core.Namespaces().Delete,
	} {
		if err := remove(ctx, a.name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			failures = append(failures, fmt.Errorf("remove service account %s and its roles: %w", a.name, err))
		}
	}
	gone := kube.Ref{Resource: kube.Namespaces, Name: a.name}
	_, err := kube.Until(ctx, a.client, gone, timeouts.NamespaceGone, "be gone", func(namespace *corev1.Namespace) (bool, string, error) {
		return namespace == nil, "it is being deleted", nil
	})
	failures = append(failures, err)
	if a.Kubeconfig != "" {
		failures = append(failures, os.RemoveAll(filepath.Dir(a.Kubeconfig)))
	}
	return errors.Join(failures...)
}
