package access

import (
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/target"
)

// group of the kinds of roles.
const group = rbacv1.GroupName

// Roles are what suffices for a run: a ClusterRole, and a Role where Longhorn is.
type Roles struct {
	Cluster  rbacv1.ClusterRole
	Longhorn rbacv1.Role

	everywhere, inLonghorn []rule
}

// NewRoles returns the roles under that name. With keepSettings specs that change something for the whole cluster
// cannot run under them.
func NewRoles(name string, keepSettings bool) Roles {
	roles := Roles{everywhere: chosen(everywhere, keepSettings), inLonghorn: chosen(inLonghorn, keepSettings)}
	roles.Cluster = rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: group + "/v1", Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: policies(roles.everywhere),
	}
	roles.Longhorn = rbacv1.Role{
		TypeMeta:   metav1.TypeMeta{APIVersion: group + "/v1", Kind: "Role"},
		ObjectMeta: metav1.ObjectMeta{Namespace: target.Namespace, Name: name}, Rules: policies(roles.inLonghorn),
	}
	return roles
}

func policies(rules []rule) []rbacv1.PolicyRule {
	var policies []rbacv1.PolicyRule
	for _, r := range rules {
		policies = append(policies, r.policy())
	}
	return policies
}

// YAML is both roles as manifests, with the reason beside each rule.
func (r Roles) YAML() (string, error) {
	first, err := manifest("ClusterRole", r.Cluster.ObjectMeta, r.everywhere)
	if err != nil {
		return "", err
	}
	second, err := manifest("Role", r.Longhorn.ObjectMeta, r.inLonghorn)
	return first + "---\n" + second, err
}

func manifest(kind string, meta metav1.ObjectMeta, rules []rule) (string, error) {
	var out strings.Builder
	fmt.Fprintf(&out, "apiVersion: %s/v1\nkind: %s\nmetadata:\n  name: %s\n", group, kind, meta.Name)
	if meta.Namespace != "" {
		fmt.Fprintf(&out, "  namespace: %s\n", meta.Namespace)
	}
	out.WriteString("rules:\n")
	for _, r := range rules {
		text, err := yaml.Marshal([]rbacv1.PolicyRule{r.policy()})
		if err != nil {
			return "", fmt.Errorf("write the rule for %s: %w", strings.Join(r.resources, ", "), err)
		}
		fmt.Fprintf(&out, "  # %s\n", r.why)
		for line := range strings.Lines(string(text)) {
			out.WriteString("  " + line)
		}
	}
	return out.String(), nil
}
