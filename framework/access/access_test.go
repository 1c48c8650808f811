package access

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	clienttesting "k8s.io/client-go/testing"
	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/kube"
)

func TestThePrintedRolesAreThoseThatAreGranted(t *testing.T) {
	roles := NewRoles("muster", false)
	text, err := roles.YAML()
	if err != nil {
		t.Fatal(err)
	}
	first, second, found := strings.Cut(text, "---\n")
	if !found {
		t.Fatalf("there is one manifest only:\n%s", text)
	}
	var cluster rbacv1.ClusterRole
	var longhorn rbacv1.Role
	for text, into := range map[string]any{first: &cluster, second: &longhorn} {
		if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
	}
	if !reflect.DeepEqual(cluster, roles.Cluster) || !reflect.DeepEqual(longhorn, roles.Longhorn) {
		t.Errorf("printed are\n%s", text)
	}
}

func TestNoRuleGrantsEverything(t *testing.T) {
	for _, r := range slices.Concat(everywhere, inLonghorn) {
		if r.why == "" || slices.Contains(r.verbs, "*") || slices.Contains(r.resources, "*") || r.group == "*" {
			t.Errorf("the rule for %v grants everything, or gives no reason", r.resources)
		}
	}
	for _, r := range everywhere {
		if slices.Contains(r.resources, "secrets") && !slices.Equal(r.verbs, []string{"create"}) {
			t.Errorf("secrets of the whole cluster: %v", r.verbs)
		}
	}
}

func TestKeptSettingsNeedNoRightToChangeThem(t *testing.T) {
	for _, policy := range NewRoles("muster", true).Longhorn.Rules {
		if slices.Contains(policy.Resources, "settings") || slices.Contains(policy.Verbs, "update") && slices.Contains(policy.Resources, "deployments") {
			t.Errorf("a run that keeps settings may %v %v", policy.Verbs, policy.Resources)
		}
	}
}

func TestMissingNamesWhatIsForbidden(t *testing.T) {
	core := fake.NewClientset()
	core.PrependReactor("create", "selfsubjectaccessreviews", func(action clienttesting.Action) (bool, runtime.Object, error) {
		review := action.(clienttesting.CreateAction).GetObject().(*authorizationv1.SelfSubjectAccessReview).DeepCopy()
		asked := review.Spec.ResourceAttributes
		review.Status.Allowed = asked.Subresource != "exec" && (asked.Resource != "backups" || asked.Verb != "delete")
		return true, review, nil
	})
	missing, err := Missing(t.Context(), &kube.Client{Core: core}, false)
	if want := []string{"get pods/exec", "create pods/exec", "delete backups.longhorn.io in longhorn-system"}; err != nil || !slices.Equal(missing, want) {
		t.Errorf("Missing = %q, %v, want %q", missing, err, want)
	}
}

func TestTheKubeconfigHoldsTheTokenOnly(t *testing.T) {
	config, err := kubeconfig(&rest.Config{
		Host: "https://10.0.0.1:6443", BearerToken: "of the administrator",
		TLSClientConfig: rest.TLSClientConfig{CAData: []byte("ca"), CertData: []byte("admin"), KeyData: []byte("admin")},
	}, "token")
	if err != nil {
		t.Fatal(err)
	}
	auth := config.AuthInfos["account"]
	if auth.Token != "token" || len(auth.ClientCertificateData) > 0 || len(auth.ClientKeyData) > 0 {
		t.Errorf("the account has %v", auth)
	}
	if cluster := config.Clusters["cluster"]; cluster.Server != "https://10.0.0.1:6443" || string(cluster.CertificateAuthorityData) != "ca" {
		t.Errorf("the cluster is %v", cluster)
	}
}
