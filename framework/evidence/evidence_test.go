package evidence

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatFailsLaterIsAddedToTheFailure(t *testing.T) {
	dir := t.TempDir()
	for _, why := range []string{"the data differ", "after the spec: password=hunter2"} {
		if err := AddFailure(dir, why); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "failure.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("the data differ\nafter the spec: password=[redacted]\n", string(text)); diff != "" {
		t.Errorf("failure.txt differs:\n%s", diff)
	}
	if err := AddFailure(filepath.Join(dir, "missing"), "x"); err == nil {
		t.Error("a failure was written into a folder that is missing")
	}
}
