package timeouts

import (
	"testing"
	"time"
)

func TestScaleShortensWhatSpecsWaitFor(t *testing.T) {
	bound, ready := ClaimBound.Limit, AddonReady.Limit
	Scale(0.5)
	defer Scale(2)
	if ClaimBound.Limit != bound/2 {
		t.Errorf("a claim may take %s, want %s", ClaimBound.Limit, bound/2)
	}
	if AddonReady.Limit != ready {
		t.Errorf("an installation may take %s, want it unchanged at %s", AddonReady.Limit, ready)
	}
	if SnapshotReady.Limit < time.Second {
		t.Errorf("a snapshot may take %s", SnapshotReady.Limit)
	}
}
