package cluster

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

func TestOneLockPerName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ".x.lock")
	first, err := TryLock(path, "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TryLock(path, "x"); !errors.Is(err, ErrBusy) {
		t.Fatalf("a second lock: %v", err)
	}
	other, err := TryLock(filepath.Join(dir, ".y.lock"), "y")
	if err != nil {
		t.Fatalf("another name: %v", err)
	}
	other.Release()
	got := make(chan error, 1)
	go func() {
		second, err := WaitLock(context.Background(), path, "x")
		if err == nil {
			second.Release()
		}
		got <- err
	}()
	first.Release()
	if err := <-got; err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*.lock")); len(left) > 0 {
		t.Errorf("lock files are left: %v", left)
	}
}
