package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/report"
)

func TestPublishWritesEveryFormAndClearOutputRemovesThem(t *testing.T) {
	dir := t.TempDir()
	statement := report.Build(report.Input{
		Implementation: report.Implementation{Name: "reference", Version: "dev", Contract: "1.12"},
		Suite:          &report.Suite{Started: time.Unix(1, 0), Specs: []report.Spec{{Name: "restores", Result: report.SpecPassed}}},
	}, &contract.Catalogue{})
	if err := publish(statement, dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		reportFile: "kind: ConformanceReport", pageFile: "passes muster", junitFile: `testcase name="restores"`,
		summaryFile: "passes muster", badgeFile: "pass 1/1",
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %q: %v", name, want, err)
		}
	}
	if err := clearOutput(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("the next run would find %v of this one", left)
	}
}

func TestPublishWritesTheOthersWhenOneCannotBe(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, summaryFile), 0o755); err != nil {
		t.Fatal(err)
	}
	err := publish(report.Build(report.Input{Suite: &report.Suite{}}, &contract.Catalogue{}), dir)
	if err == nil || !strings.Contains(err.Error(), summaryFile) {
		t.Errorf("error is %v, want one that names %s", err, summaryFile)
	}
	for _, name := range []string{reportFile, pageFile, junitFile, badgeFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestNodesAreDescribedAsTheirKubeletsDo(t *testing.T) {
	node := func(name string) *corev1.Node {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{
			NodeInfo: corev1.NodeSystemInfo{KernelVersion: "6.1.0", OSImage: "Debian", Architecture: "amd64", ContainerRuntimeVersion: "containerd://2.4.2"},
			Capacity: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("1Gi")},
		}}
	}
	got, err := nodes(t.Context(), fake.NewClientset(node("b"), node("a")))
	if err != nil {
		t.Fatal(err)
	}
	one := report.Node{Name: "a", Kernel: "6.1.0", OS: "Debian", Architecture: "amd64", CPUs: 2, MemoryBytes: 1 << 30, ContainerRuntime: "containerd://2.4.2"}
	two := one
	two.Name = "b"
	if diff := cmp.Diff([]report.Node{one, two}, got); diff != "" {
		t.Errorf("nodes differ:\n%s", diff)
	}
}
