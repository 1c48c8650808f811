package supervisor

import (
	"bytes"
	"io"
	"os"
	"strings"
)

// tailLines and tailBytes bound what is shown of a component's log.
const (
	tailLines = 15
	tailBytes = 8 << 10
)

// LogTail returns the end of a log as an indented block for an error message,
// "" when there is nothing to show.
func LogTail(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > tailBytes {
		if _, err := f.Seek(-tailBytes, io.SeekEnd); err != nil {
			return ""
		}
	}
	data, err := io.ReadAll(f)
	if err != nil || len(bytes.TrimSpace(data)) == 0 {
		return ""
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	if len(lines) > tailLines {
		lines = lines[len(lines)-tailLines:]
	}
	return "; the end of its log:\n    " + strings.Join(lines, "\n    ")
}
