package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/fsnotify/fsnotify"

	"github.com/muster-csi/muster/framework/harness"
)

// follower reads the file to which the suite's processes append one line for
// each finished spec.
type follower struct {
	file    *os.File
	watcher *fsnotify.Watcher
	partial []byte
}

// newFollower makes the file, which must not exist, and watches it.
func newFollower(path string) (*follower, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("make the events file: %w", err)
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("watch the events file: %w", err)
	}
	if err := watcher.Add(path); err != nil {
		watcher.Close()
		file.Close()
		return nil, fmt.Errorf("watch the events file %s: %w", path, err)
	}
	return &follower{file: file, watcher: watcher}, nil
}

// follow passes finished specs to each as they come, until ctx ends, and then
// those that are still in the file.
func (f *follower) follow(ctx context.Context, each func(harness.Finished)) {
	for {
		f.drain(each)
		select {
		case <-f.watcher.Events:
		case <-f.watcher.Errors: // a lost notice is made up for by the next one
		case <-ctx.Done():
			f.drain(each)
			return
		}
	}
}

// drain reads the complete lines that were not read yet.
func (f *follower) drain(each func(harness.Finished)) {
	more, err := io.ReadAll(f.file)
	if err != nil {
		return
	}
	f.partial = append(f.partial, more...)
	for {
		line, rest, found := bytes.Cut(f.partial, []byte("\n"))
		if !found {
			return
		}
		f.partial = rest
		var finished harness.Finished
		if json.Unmarshal(line, &finished) == nil && finished.Name != "" {
			each(finished)
		}
	}
}

// close ends the watch.
func (f *follower) close() {
	f.watcher.Close()
	f.file.Close()
}
