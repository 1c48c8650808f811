package runner

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/muster-csi/muster/framework/harness"
)

func TestFollowerPassesOnEveryLineOnceAlsoTheLast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events")
	f, err := newFollower(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	ctx, stop := context.WithCancel(t.Context())
	came, done := make(chan string), make(chan struct{})
	go func() {
		defer close(done)
		f.follow(ctx, func(spec harness.Finished) { came <- spec.Name })
	}()
	write(t, path, `{"name":"first","state":"passed"}`+"\n"+`{"name":"sec`)
	if got := <-came; got != "first" {
		t.Fatalf("got %q, want first", got)
	}
	write(t, path, `ond"}`+"\nnot a line of ours\n")
	if got := <-came; got != "second" {
		t.Fatalf("got %q, want the line that came in two pieces", got)
	}
	write(t, path, `{"name":"last"}`+"\n")
	stop()
	if got := <-came; got != "last" {
		t.Fatalf("got %q, want last", got)
	}
	<-done
}

func write(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprint(file, text); err != nil {
		t.Fatal(err)
	}
}
