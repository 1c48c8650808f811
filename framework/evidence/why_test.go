package evidence

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/muster-csi/muster/framework/longhorn"
)

func TestTheChainOfAWaitInVainIsKept(t *testing.T) {
	scheme, err := longhorn.NewScheme()
	if err != nil {
		t.Fatal(err)
	}
	source := Source{Client: fake.NewClientBuilder().WithScheme(scheme).Build(), Namespace: "ns", Report: "waited; because: it rains"}
	for why, want := range map[string]bool{"": false, "it rains, password=hunter2": true} {
		source.Why = why
		dir := filepath.Join(t.TempDir(), "spec")
		if err := Collect(t.Context(), source, dir); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "why.txt"))
		if (err == nil) != want || strings.Contains(string(text), "hunter2") || want && !strings.Contains(string(text), "it rains") {
			t.Errorf("why.txt is %q, %v, want it %t and without secrets", text, err, want)
		}
		if text, err := os.ReadFile(filepath.Join(dir, "failure.txt")); err != nil || !strings.Contains(string(text), "because: it rains") {
			t.Errorf("failure.txt is %q, %v, want the cause in it", text, err)
		}
	}
}
