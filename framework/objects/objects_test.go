package objects

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	settings = Kind{GroupVersionResource: schema.GroupVersionResource{Group: "longhorn.io", Resource: "settings"}, Name: "Setting"}
	secrets  = Kind{GroupVersionResource: schema.GroupVersionResource{Resource: "secrets"}, Name: "Secret"}
)

func fields(t *testing.T, kind Kind, content map[string]any) map[string]string {
	t.Helper()
	fields, err := fieldsOf(Object{Kind: kind, Unstructured: unstructured.Unstructured{Object: content}})
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

func setting(value, version string, annotations map[string]any) map[string]any {
	return map[string]any{
		"kind": "Setting", "value": value, "status": map[string]any{"applied": version},
		"metadata": map[string]any{"name": "s", "resourceVersion": version, "uid": version, "annotations": annotations},
	}
}

func TestOnlyWhatCountsIsCompared(t *testing.T) {
	before := fields(t, settings, setting("lz4", "1", nil))
	counted := map[string]any{"deployment.kubernetes.io/revision": "3"}
	if different := differing(before, fields(t, settings, setting("lz4", "2", counted))); len(different) > 0 {
		t.Errorf("bookkeeping counts as a change: %v", different)
	}
	if different := differing(before, fields(t, settings, setting("gzip", "2", map[string]any{"a": "b"}))); !slices.Equal(different, []string{"metadata.annotations", "value"}) {
		t.Errorf("changed fields are %v, want metadata.annotations and value", different)
	}
}

func TestSecretsAreNotHashed(t *testing.T) {
	secret := func(value, version string) map[string]any {
		return map[string]any{"kind": "Secret", "data": map[string]any{"password": value}, "metadata": map[string]any{"name": "s", "resourceVersion": version}}
	}
	before := fields(t, secrets, secret("a", "1"))
	if same := differing(before, fields(t, secrets, secret("b", "1"))); len(same) > 0 {
		t.Errorf("the value of a secret is in %v", same)
	}
	if different := differing(before, fields(t, secrets, secret("a", "2"))); !slices.Equal(different, []string{"data"}) {
		t.Errorf("a secret of another version differs in %v", different)
	}
}

func TestWhatControllersMakeIsLeftOut(t *testing.T) {
	owned := func(version, kind string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"name": "x", "ownerReferences": []any{
			map[string]any{"apiVersion": version, "kind": kind, "name": "o", "uid": "u", "controller": true}}}}}
	}
	if !follows(owned("apps/v1", "ReplicaSet")) || !follows(owned("batch/v1", "Job")) {
		t.Error("pods of a ReplicaSet or a Job count")
	}
	if follows(owned("longhorn.io/v1beta2", "Volume")) || follows(&unstructured.Unstructured{Object: map[string]any{}}) {
		t.Error("Longhorn's own objects, or those of nobody, do not count")
	}
	if Lasting(Kind{GroupVersionResource: schema.GroupVersionResource{Group: "events.k8s.io", Version: "v1", Resource: "events"}}) || !Lasting(settings) {
		t.Error("events count, or settings do not")
	}
}

func TestDiffNamesEveryDifference(t *testing.T) {
	before := &Snapshot{Kind: SnapshotKind, Objects: map[string]map[string]string{"Pod a/b": {"spec": "1"}, "Pod a/c": {"spec": "1"}, "Pod a/d": {"spec": "1"}}}
	after := &Snapshot{Kind: SnapshotKind, Objects: map[string]map[string]string{"Pod a/b": {"spec": "1"}, "Pod a/c": {"spec": "2"}, "Pod a/e": {"spec": "1"}}}
	text, err := before.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if before, err = Parse(text); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, change := range Diff(before, after) {
		lines = append(lines, change.String())
	}
	if want := []string{"~ Pod a/c: spec", "- Pod a/d", "+ Pod a/e"}; !slices.Equal(lines, want) {
		t.Errorf("Diff = %q, want %q", lines, want)
	}
	if changes := Diff(after, after); len(changes) > 0 {
		t.Errorf("the same differs from itself: %v", changes)
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	for text, want := range map[string]string{"kind: Report\nobjects: {}\n": "muster objects", "kind: ClusterObjects\nobject: {}\n": "objects"} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want an error with %q", text, err, want)
		}
	}
}
