package s3front

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

// warm leaves one idle connection to the front in the client's pool.
func (r *rig) warm(t *testing.T) {
	t.Helper()
	if err := r.put(t.Context(), "warm", content(10)); err != nil {
		t.Fatal(err)
	}
}

// back tells whether everything is as it was once the fault is cleared.
func (r *rig) back(t *testing.T) {
	t.Helper()
	r.clear(t)
	r.http.CloseIdleConnections()
	if err := r.put(t.Context(), "back", content(100_000)); err != nil {
		t.Errorf("put after the fault is cleared: %v", err)
	}
}

func TestHangLetsNothingPass(t *testing.T) {
	for name, old := range map[string]bool{"new connection": false, "old connection": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			if old {
				r.warm(t)
			}
			r.set(t, Fault{Kind: Hang})
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if response, err := r.once(ctx, http.MethodPut, blockKey, content(1000)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("put = %v, %v; want the client's own time limit", response, err)
			}
			if !old && r.Stats().Hits != 1 {
				t.Errorf("%d hits, want the new connection", r.Stats().Hits)
			}
			if _, stored := r.store.object(blockKey); stored {
				t.Error("the request reached the store")
			}
			r.back(t)
		})
	}
}

func TestHangingConnectionEndsWithTheFault(t *testing.T) {
	r := newRig(t)
	r.warm(t)
	r.set(t, Fault{Kind: Hold})
	errs := make(chan error, 1)
	go func() {
		response, err := r.once(t.Context(), http.MethodPut, blockKey, content(1000))
		if err == nil {
			response.Body.Close()
		}
		errs <- err
	}()
	r.until(t, "1 held", func(s Stats) bool { return s.Held == 1 })
	r.set(t, Fault{Kind: Hang})
	r.until(t, "the held request to hang", func(s Stats) bool { return s.Held == 1 && s.Hits == 1 })
	r.clear(t)
	if err := <-errs; err == nil {
		t.Error("a request that hung was answered, want its connection closed")
	}
	if _, stored := r.store.object(blockKey); stored {
		t.Error("a request that hung reached the store")
	}
}

func TestResetBreaksConnections(t *testing.T) {
	r := newRig(t)
	r.set(t, Fault{Kind: Reset})
	if _, err := r.once(t.Context(), http.MethodPut, blockKey, content(1000)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("put over a new connection = %v, want %v", err, syscall.ECONNRESET)
	}
	if hits := r.Stats().Hits; hits != 1 {
		t.Errorf("%d hits, want the one connection", hits)
	}
	r.back(t)
	r.set(t, Fault{Kind: Reset})
	if _, err := r.once(t.Context(), http.MethodPut, blockKey, content(1000)); err == nil {
		t.Error("put over an old connection was answered")
	}
	if _, stored := r.store.object(blockKey); stored {
		t.Error("a request reached the store")
	}
	r.back(t)
}

func TestRefuseRefuses(t *testing.T) {
	r := newRig(t)
	r.warm(t)
	address := r.Address()
	r.set(t, Fault{Kind: Refuse})
	r.http.CloseIdleConnections()
	if _, err := r.once(t.Context(), http.MethodPut, blockKey, nil); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("put = %v, want %v", err, syscall.ECONNREFUSED)
	}
	r.back(t)
	if r.Address() != address {
		t.Errorf("the front moved from %s to %s", address, r.Address())
	}
}

func TestSlowTakesLongerAndLosesNothing(t *testing.T) {
	r := newRig(t)
	upload := func() time.Duration {
		began := time.Now()
		if err := r.put(t.Context(), blockKey, content(100_000)); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	upload()
	r.set(t, Fault{Kind: Slow, KilobytesPerSecond: 200})
	// 100 kB at 200 kB/s take half a second; a rate that is not kept takes next to nothing.
	if took := upload(); took < 300*time.Millisecond {
		t.Errorf("took %s at 200 kB/s", took)
	}
	if object, _ := r.store.object(blockKey); len(object) < 100_000 {
		t.Errorf("the store got %d bytes", len(object))
	}
	if hits := r.Stats().Hits; hits != 1 {
		t.Errorf("%d hits, want the one request", hits)
	}
	r.back(t)
}

// Clients that go away in the middle of a transfer must neither stop a change of
// the fault nor leave anything behind.
func TestFaultsCanChangeWhileClientsComeAndGo(t *testing.T) {
	r := newRig(t)
	if err := r.put(t.Context(), blockKey, content(3<<20)); err != nil {
		t.Fatal(err)
	}
	var clients sync.WaitGroup
	running, stop := context.WithCancel(t.Context())
	for client := range 6 {
		clients.Go(func() {
			for round := 0; running.Err() == nil; round++ {
				ctx, leave := context.WithTimeout(running, time.Duration(round*7%60)*time.Millisecond)
				method, body := http.MethodGet, []byte(nil)
				if client%2 == 0 {
					method, body = http.MethodPut, content(3<<20)
				}
				if response, err := r.once(ctx, method, blockKey, body); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
				leave()
			}
		})
	}
	for range 15 {
		for _, kind := range Kinds {
			fault := Fault{Kind: kind}
			if kind == Slow {
				fault.KilobytesPerSecond = 1000
			}
			r.set(t, fault)
			r.clear(t)
		}
	}
	stop()
	clients.Wait()
	r.back(t)
}
