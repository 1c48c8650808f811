package yardstick

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/muster-csi/muster/fixtures/yardsticks"
	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/internal/pins"
)

func TestEveryYardstickCanBeRunAndItsClausesExist(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(suites) {
		t.Errorf("%d yardsticks are described and %d can be run", len(all), len(suites))
	}
	for _, d := range all {
		if suites[d.Name] == nil {
			t.Errorf("nobody has said how to run %s", d.Name)
		}
		for _, e := range d.Excluded {
			for _, id := range e.Clauses {
				if _, ok := catalogue.Clause(id); !ok {
					t.Errorf("%s excludes %q because of %s, which is no clause", d.Name, e.Case, id)
				}
			}
		}
	}
}

func TestSelectTakesNamesAndSuggestsTheNearest(t *testing.T) {
	all, err := Select([]string{"1"})
	if err != nil || len(all) != len(yardsticks.Names()) {
		t.Errorf("1 means %d yardsticks (%v), want all", len(all), err)
	}
	one, err := Select([]string{"storage-e2e"})
	if err != nil || len(one) != 1 || one[0].Name != "storage-e2e" {
		t.Errorf("got %v (%v)", one, err)
	}
	if none, err := Select(nil); err != nil || len(none) != 0 {
		t.Errorf("no name means %v (%v)", none, err)
	}
	if _, err := Select([]string{"csi-santy"}); err == nil || !strings.Contains(err.Error(), `did you mean "csi-sanity"?`) {
		t.Errorf("a misspelt name gave %v", err)
	}
}

func TestADefinitionIsReadStrictly(t *testing.T) {
	const good = "name: a\nabout: b\nprogram: c\ncomponents: [c]\n"
	if _, err := parse([]byte(good)); err != nil {
		t.Errorf("a good one gave %v", err)
	}
	for text, want := range map[string]string{
		good + "flavour: x": `unknown field "flavour"`,
		"name: a\nabout: b\nprogram: c\ncomponents: [d]\n":                                  "a program that is one of its components",
		good + "focus: ['(']":                                                               "missing closing",
		good + "excluded: [{case: x, because: contract, reason: y}]":                        "clauses belong to the reason contract",
		good + "excluded: [{case: x, because: environment, reason: y, clauses: [R-11]}]":    "clauses belong to the reason contract",
		good + "excluded: [{case: x, because: taste, reason: y}]":                           `because is "taste"`,
		good + "excluded: [{case: x, because: environment, reason: y, without: CAP_CHOWN}]": `without is "CAP_CHOWN"`,
		good + "excluded: [{case: x, because: environment}]":                                "needs case and reason",
	} {
		if _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngave %v, want %q", text, err, want)
		}
	}
}

func TestFlagsLeaveOutWhatIsExcludedLiterally(t *testing.T) {
	d := Definition{Focus: []string{"a.c"}, Skip: []string{"x"}, Excluded: []Exclusion{{Case: "(block volmode)", Because: report.BecauseEnvironment}}}
	want := `--focus=a.c --skip=x --skip=\(block volmode\)`
	if got := strings.Join(d.flags("--"), " "); got != want {
		t.Errorf("the flags are %s, want %s", got, want)
	}
	for name, chosen := range map[string]bool{"abc": true, "abx": false, "abc x": false} {
		if d.chosen(name) != chosen {
			t.Errorf("%q is chosen: %t, want %t", name, !chosen, chosen)
		}
	}
}

// TestThePodRunsTheVersionThatIsBuilt compares the pod with what the component is pinned to.
func TestThePodRunsTheVersionThatIsBuilt(t *testing.T) {
	objects, err := kube.Decode(t.Context(), yardsticks.Files, sanityFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		if object.GetKind() != "Pod" {
			continue
		}
		var pod corev1.Pod
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &pod); err != nil {
			t.Fatal(err)
		}
		container := pod.Spec.Containers[0]
		if want := "muster.local/csi-sanity:" + pins.Version(t, "../..", "csi-test", "github.com/kubernetes-csi/csi-test/v5"); container.Image != want {
			t.Errorf("the pod runs %s, components build %s", container.Image, want)
		}
		if container.ImagePullPolicy != corev1.PullNever || pod.Name != sanityFolder || container.Name != sanityFolder || pod.Namespace != sanityNamespace {
			t.Errorf("the pod is %s/%s with container %s, pulled %s", pod.Namespace, pod.Name, container.Name, container.ImagePullPolicy)
		}
		return
	}
	t.Error("there is no pod")
}

func TestWhatAHostMayDoIsNotLeftOut(t *testing.T) {
	d := Definition{Excluded: []Exclusion{{Case: "always"}, {Case: "grows", Without: SysResource}}}
	for lacks, want := range map[bool]int{true: 2, false: 1} {
		if got := d.here(func(string) bool { return lacks }); len(got.Excluded) != want {
			t.Errorf("withheld %t: %v is left out, want %d", lacks, got.Excluded, want)
		}
	}
	if len(d.Excluded) != 2 {
		t.Error("the definition itself has changed")
	}
}
