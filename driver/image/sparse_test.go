package image

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestDigFreesZerosAndKeepsTheContent(t *testing.T) {
	content := make([]byte, 5<<20+512)
	for _, at := range []int{0, 1<<20 - 1, 1 << 20, 3<<20 + 4097, len(content) - 1} {
		content[at] = 7
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Dig(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(after, content) {
		t.Fatalf("the content has changed (%v)", err)
	}
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		t.Fatal(err)
	}
	if taken := stat.Blocks * 512; taken > 64<<10 {
		t.Errorf("the file takes %d bytes for five blocks of data", taken)
	}
}
