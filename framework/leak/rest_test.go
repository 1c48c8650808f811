package leak

import (
	"strings"
	"testing"
)

func TestSinceNamesOnlyWhatIsNew(t *testing.T) {
	before := Rest{"PersistentVolume pvc-1", "loop volumes/pvc-1"}
	if err := before.Since(before); err != nil {
		t.Errorf("Since(itself) = %v, want nil", err)
	}
	err := Rest{"PersistentVolume pvc-1", "loop volumes/pvc-2"}.Since(before)
	if err == nil || !strings.Contains(err.Error(), "loop volumes/pvc-2") || strings.Contains(err.Error(), "pvc-1") {
		t.Errorf("Since = %v, want only loop volumes/pvc-2 named", err)
	}
}
