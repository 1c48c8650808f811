package harness

import (
	"context"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"github.com/onsi/ginkgo/v2"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// What a spec needs of a cluster that not every cluster has: Longhorn's resources (the second door
// to a driver), a backupstore that can be read (the third), settings that may be changed. Where it
// is missing the spec is skipped and says why.

// lacking says why the cluster lacks Longhorn's resources, "" when it has them.
func lacking(cl client.Client) (string, error) {
	kind := longhornv1beta2.SchemeGroupVersion.WithKind("Volume")
	_, err := cl.RESTMapper().RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		return fmt.Sprintf("the cluster does not serve %s: the spec looks at what the driver keeps there, as Longhorn does", kind.GroupVersion()), nil
	}
	return "", err
}

// guarding makes a client skip the spec that asks for one of Longhorn's resources where there are none.
func (c *Cluster) guarding(cl client.WithWatch) client.WithWatch {
	if c.lacks == "" {
		return cl
	}
	return interceptor.NewClient(cl, interceptor.Funcs{
		Get: func(ctx context.Context, to client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			c.need(object)
			return to.Get(ctx, key, object, options...)
		},
		List: func(ctx context.Context, to client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			c.need(list)
			return to.List(ctx, list, options...)
		},
		Create: func(ctx context.Context, to client.WithWatch, object client.Object, options ...client.CreateOption) error {
			c.need(object)
			return to.Create(ctx, object, options...)
		},
	})
}

// need skips the spec when the object is one of Longhorn's resources and the cluster has none.
func (c *Cluster) need(object runtime.Object) {
	ginkgo.GinkgoHelper()
	if c.absent(object) && connected == c {
		ginkgo.Skip(c.lacks)
	}
}

// absent reports whether the cluster cannot have such an object.
func (c *Cluster) absent(object runtime.Object) bool {
	if c.lacks == "" {
		return false
	}
	kind, err := apiutil.GVKForObject(object, c.plain.Scheme())
	return err == nil && kind.Group == longhornv1beta2.SchemeGroupVersion.Group
}

// NeedsStore skips the spec where no backupstore can be read.
func (c *Cluster) NeedsStore() {
	ginkgo.GinkgoHelper()
	if why := c.Config.Store.Absent; why != "" {
		ginkgo.Skip("needs a backupstore that can be read: " + why)
	}
}

// NeedsToGrant skips the spec when the account of the run may not give roles to another.
func (e *Env) NeedsToGrant(ctx context.Context) {
	ginkgo.GinkgoHelper()
	for _, kind := range []string{"clusterroles", "clusterrolebindings"} {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Group: rbacv1.GroupName, Resource: kind, Verb: "create"},
		}}
		answer := Must(e.Kube.Core.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{}))
		if !answer.Status.Allowed {
			ginkgo.Skip("needs an account that may create " + kind + ": the one of this run has fewer rights, perhaps those of muster rbac already")
		}
	}
}
