package runner

import (
	"strings"
	"testing"
)

func TestClusterKindSuggestsWhatWasMeant(t *testing.T) {
	var k ClusterKind
	if k.String() != "embedded" {
		t.Errorf("without a flag it is %s", k.String())
	}
	if err := k.Set("kimd"); err == nil || !strings.Contains(err.Error(), "did you mean kind?") {
		t.Errorf("a typing error says %v", err)
	}
	if err := k.Set("kind"); err != nil || k != Kind {
		t.Errorf("kind is %q, %v", k, err)
	}
}

func TestANodeImageIsForKindOnly(t *testing.T) {
	if _, err := (ClusterOptions{NodeImage: "local"}).Provider(); err == nil {
		t.Error("an embedded cluster with a node image is not refused")
	}
	for _, k := range MadeClusterKinds() {
		if _, err := (ClusterOptions{Kind: k}).Provider(); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
}
