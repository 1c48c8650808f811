package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Dir is the name of the folder with logs within the output of a run.
const Dir = "logs"

// Read returns what a Follower has written to the folder since then, keyed
// "pod/container", as the containers wrote it. A folder that does not exist has none.
func Read(dir string, since time.Time) (map[string][]byte, error) {
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if info, err := entry.Info(); err != nil || info.ModTime().Before(since) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		key, err := filepath.Rel(dir, path)
		if lines := after(text, since); len(lines) > 0 {
			all[filepath.ToSlash(strings.TrimSuffix(key, ".log"))] = lines
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the logs in %s: %w", dir, err)
	}
	return all, nil
}

// after returns the lines that are not older, without the kubelet's time before each.
func after(text []byte, since time.Time) []byte {
	var kept []byte
	for line := range bytes.Lines(text) {
		stamp, rest, _ := bytes.Cut(line, []byte(" "))
		if at, err := time.Parse(time.RFC3339Nano, string(stamp)); err == nil && !at.Before(since) {
			kept = append(kept, rest...)
		}
	}
	return kept
}
