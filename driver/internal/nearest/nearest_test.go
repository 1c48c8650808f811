package nearest_test

import (
	"testing"

	"github.com/muster-csi/muster/driver/internal/nearest"
)

func TestOf(t *testing.T) {
	words := []string{"controller", "node", "inventory"}
	for word, want := range map[string]string{"nod": "node", "controler": "controller", "inventry": "inventory", "node": "node"} {
		if got := nearest.Of(word, words); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
	if got := nearest.Of("x", nil); got != "" {
		t.Errorf("without candidates: %q", got)
	}
}
