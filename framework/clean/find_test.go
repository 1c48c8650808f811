package clean

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	fakediscovery "k8s.io/client-go/discovery/fake"
	fakedynamic "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/objects"
	"github.com/muster-csi/muster/framework/runid"
)

const run = "bcdfgh"

// served is what the API server of the tests serves.
var served = []*metav1.APIResourceList{
	{GroupVersion: "v1", APIResources: []metav1.APIResource{
		{Name: "namespaces", Kind: "Namespace", Verbs: []string{"list"}},
		{Name: "persistentvolumes", Kind: "PersistentVolume", Verbs: []string{"list"}},
		{Name: "events", Kind: "Event", Namespaced: true, Verbs: []string{"list"}},
	}},
	{GroupVersion: "longhorn.io/v1beta2", APIResources: []metav1.APIResource{
		{Name: "settings", Kind: "Setting", Namespaced: true, Verbs: []string{"list"}},
		{Name: "backingimages", Kind: "BackingImage", Namespaced: true, Verbs: []string{"list"}},
	}},
}

func object(version, kind, name string, metadata, content map[string]any) *unstructured.Unstructured {
	all := map[string]any{"name": name}
	for key, value := range metadata {
		all[key] = value
	}
	object := map[string]any{"apiVersion": version, "kind": kind, "metadata": all}
	for key, value := range content {
		object[key] = value
	}
	return &unstructured.Unstructured{Object: object}
}

func of(id string) map[string]any {
	return map[string]any{"labels": map[string]any{runid.Label: id}, "creationTimestamp": "2026-11-24T22:00:00Z"}
}

func changed(id string) map[string]any {
	metadata := of(id)
	metadata["namespace"], metadata["annotations"] = "longhorn-system", map[string]any{runid.Before: `"lz4"`}
	return metadata
}

func boundTo(namespace string) map[string]any {
	return map[string]any{"spec": map[string]any{"claimRef": map[string]any{"namespace": namespace}}}
}

func client(t *testing.T) *kube.Client {
	t.Helper()
	core := fake.NewClientset()
	core.Discovery().(*fakediscovery.FakeDiscovery).Resources = served
	lists := map[schema.GroupVersionResource]string{}
	for _, list := range served {
		version, _ := schema.ParseGroupVersion(list.GroupVersion)
		for _, resource := range list.APIResources {
			lists[version.WithResource(resource.Name)] = resource.Kind + "List"
		}
	}
	in := map[string]any{"namespace": "longhorn-system"}
	return &kube.Client{Core: core, Dynamic: fakedynamic.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), lists,
		object("v1", "Namespace", "spec-bcdfgh-xxxxx", of(run), nil),
		object("v1", "Namespace", "spec-zzzzzz-xxxxx", of("zzzzzz"), nil),
		object("v1", "Namespace", "kube-system", nil, nil),
		object("v1", "PersistentVolume", "pvc-ours", nil, boundTo("spec-bcdfgh-xxxxx")),
		object("v1", "PersistentVolume", "pvc-theirs", nil, boundTo("production")),
		object("v1", "Event", "noise", of(run), nil),
		object("longhorn.io/v1beta2", "Setting", "backup-compression-method", changed(run), nil),
		object("longhorn.io/v1beta2", "Setting", "other", in, nil),
		object("longhorn.io/v1beta2", "BackingImage", "spec-bcdfgh-xxxxx-image", in, nil),
		object("longhorn.io/v1beta2", "BackingImage", "parrot", in, nil),
	)}
}

func names(of []objects.Object) []string {
	var names []string
	for _, object := range of {
		names = append(names, object.String())
	}
	slices.Sort(names)
	return names
}

func TestFindTellsWhatARunHasMadeAndChanged(t *testing.T) {
	left, err := Find(t.Context(), client(t), run)
	if err != nil {
		t.Fatal(err)
	}
	made := []string{"BackingImage.longhorn.io longhorn-system/spec-bcdfgh-xxxxx-image", "Namespace spec-bcdfgh-xxxxx", "PersistentVolume pvc-ours"}
	if got := names(left.Made); !slices.Equal(got, made) {
		t.Errorf("made are %q, want %q", got, made)
	}
	if got := names(left.Changed); !slices.Equal(got, []string{"Setting.longhorn.io longhorn-system/backup-compression-method"}) {
		t.Errorf("changed are %q", got)
	}
	if left, err := Find(t.Context(), client(t), "dddddd"); err != nil || !left.Empty() {
		t.Errorf("of a run that never was there is %v, %v", left, err)
	}
}

func TestRunsCountsEachRunByItself(t *testing.T) {
	runs, err := Runs(t.Context(), client(t))
	if err != nil || len(runs) != 2 {
		t.Fatalf("Runs = %v, %v, want two", runs, err)
	}
	slices.SortFunc(runs, func(a, b Run) int { return strings.Compare(a.ID, b.ID) })
	if first := runs[0]; first.ID != run || first.Made != 1 || first.Changed != 1 || first.Since.IsZero() {
		t.Errorf("the first run is %+v", first)
	}
	if second := runs[1]; second.ID != "zzzzzz" || second.Made != 1 || second.Changed != 0 {
		t.Errorf("the second run is %+v", second)
	}
}

func TestWhatRemainsIsNamed(t *testing.T) {
	left, err := Find(t.Context(), client(t), run)
	if err != nil {
		t.Fatal(err)
	}
	if text := remains(run, left).Error(); !strings.Contains(text, "4 things of run bcdfgh") || !strings.Contains(text, "PersistentVolume pvc-ours") {
		t.Errorf("remains = %q", text)
	}
}
