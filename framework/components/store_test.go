package components

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// stubborn is a shell script with a child that ignores the interrupt and, once
// it does, writes its process id to the file named by the first argument.
const stubborn = `touch part
sh -c 'trap "" INT; echo $$ >"$1.new"; mv "$1.new" "$1"; exec sleep 1000' child "$1" &
wait`

func TestInterruptedBuildLeavesNothing(t *testing.T) {
	st := store{dir: t.TempDir()}
	s := slot{kind: "components", name: "slow", key: "0123456789abcdef"}
	pidFile := filepath.Join(t.TempDir(), "pid")
	interrupted := errors.New("told to stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() { awaitFile(pidFile); cancel(interrupted) }()
	_, err := st.make(ctx, s, func(ctx context.Context, dir string, log io.Writer) error {
		c := command{dir: dir, env: os.Environ(), argv: []string{"sh", "-c", stubborn, "build", pidFile}}
		return c.run(ctx, log)
	})
	if !errors.Is(err, interrupted) || !strings.Contains(err.Error(), "interrupted while building slow") {
		t.Errorf("the error is %v", err)
	}
	entries, err := os.ReadDir(filepath.Join(st.dir, s.kind))
	if err != nil || len(entries) > 0 {
		t.Errorf("the interrupted build left %v (%v)", entries, err)
	}
	pid, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	if child := strings.TrimSpace(string(pid)); running(child) {
		t.Errorf("process %s of the interrupted build still runs", child)
	}
	if built, err := st.make(context.Background(), s, buildNothing); err != nil || !built {
		t.Errorf("building again gave %v, %v", built, err)
	}
}

// awaitFile returns once there is a file at path.
func awaitFile(path string) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		if _, err := os.Stat(path); err == nil {
			return
		}
	}
}

// running tells whether a process is more than a zombie, and gives one that
// was just killed a moment to go.
func running(pid string) bool {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for range 1000 {
		stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return false
		}
		<-ticker.C
	}
	return true
}

// buildNothing is a build that succeeds.
func buildNothing(context.Context, string, io.Writer) error { return nil }

func TestConcurrentMakeBuildsOnce(t *testing.T) {
	st := store{dir: t.TempDir()}
	s := slot{kind: "components", name: "x", key: "0123456789abcdef"}
	var builds, reported atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			built, err := st.make(context.Background(), s, func(context.Context, string, io.Writer) error {
				builds.Add(1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if built {
				reported.Add(1)
			}
		})
	}
	wg.Wait()
	if builds.Load() != 1 || reported.Load() != 1 {
		t.Errorf("built %d times, reported %d times, want once", builds.Load(), reported.Load())
	}
}

func TestWorkOfAKilledBuildIsRemoved(t *testing.T) {
	st := store{dir: t.TempDir()}
	s := slot{kind: "components", name: "x", key: "0123456789abcdef"}
	leftover := filepath.Join(st.dir, s.kind, "."+s.String()+".123")
	if err := os.MkdirAll(leftover, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := st.make(context.Background(), s, buildNothing); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(leftover); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", leftover, err)
	}
	if !st.has(s) {
		t.Error("the thing that was built is not there")
	}
}

func TestWaitingForAnotherBuildCanBeInterrupted(t *testing.T) {
	st := store{dir: t.TempDir()}
	s := slot{kind: "components", name: "x", key: "0123456789abcdef"}
	_, err := st.make(context.Background(), s, func(context.Context, string, io.Writer) error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := st.make(ctx, s, buildNothing)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for a build that goes on gave %v", err)
	}
}

func TestTailQuotesTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "line %d\n", i)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := tail(path, 2); got != "line 98\nline 99" {
		t.Errorf("the tail is %q", got)
	}
	if got := tail(path+"absent", 2); got != "" {
		t.Errorf("the tail of no file is %q", got)
	}
}

func TestPruneKeepsTheLastUsed(t *testing.T) {
	st := store{dir: t.TempDir()}
	old := time.Now().Add(-time.Hour)
	for i := range keptVersions + 3 {
		dir := st.path(slot{"products", "own", fmt.Sprintf("%016d", i)})
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		when := old.Add(time.Duration(i) * time.Second)
		if err := os.Chtimes(dir, when, when); err != nil {
			t.Fatal(err)
		}
	}
	// The oldest is used again, so the second, third and fourth oldest go.
	st.keepFresh([]unit{{slot: slot{"products", "own", fmt.Sprintf("%016d", 0)}}})
	for i := range keptVersions + 3 {
		kept := st.has(slot{"products", "own", fmt.Sprintf("%016d", i)})
		if want := i == 0 || i > 3; kept != want {
			t.Errorf("version %d is kept: %v, want %v", i, kept, want)
		}
	}
}
