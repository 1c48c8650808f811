package s3front

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"syscall"
	"testing"

	"github.com/minio/minio-go/v7"
)

func TestAnswersInTheStoresPlace(t *testing.T) {
	for kind, want := range map[Kind]struct {
		status int
		code   string
	}{
		Unavailable: {503, "SlowDown"}, ClockSkew: {403, "RequestTimeTooSkewed"}, StorageFull: {507, "XMinioStorageFull"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			r := newRig(t)
			r.set(t, Fault{Kind: kind, Method: http.MethodPut, Key: "/blocks/"})
			// More than net/http reads of a body that nobody wants.
			err := r.put(t.Context(), blockKey, content(2<<20))
			if answer := minio.ToErrorResponse(err); answer.StatusCode != want.status || answer.Code != want.code {
				t.Errorf("put = %v (status %d), want %d %s", err, answer.StatusCode, want.status, want.code)
			}
			if _, stored := r.store.object(blockKey); stored || len(r.store.seen()) != 0 {
				t.Error("the request reached the store")
			}
			r.clear(t)
			if err := r.put(t.Context(), blockKey, content(2<<20)); err != nil {
				t.Errorf("put after the fault is cleared: %v", err)
			}
		})
	}
}

func TestOnlyTheBurstIsHit(t *testing.T) {
	r := newRig(t)
	r.set(t, Fault{Kind: Unavailable, Method: http.MethodPut, Key: ".blk", Skip: 1, Count: 2})
	send := func(method, key string) int {
		response, err := r.once(t.Context(), method, key, nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	for i, want := range []int{200, 503, 503, 200, 200} {
		if status := send(http.MethodPut, blockKey); status != want {
			t.Errorf("request %d: status %d, want %d", i+1, status, want)
		}
		// Neither another key nor another method counts.
		if status := send(http.MethodPut, "volume.cfg"); status != 200 {
			t.Errorf("another key: status %d", status)
		}
		if status := send(http.MethodHead, blockKey); status != 200 {
			t.Errorf("another method: status %d", status)
		}
	}
	if hits := r.Stats().Hits; hits != 2 {
		t.Errorf("%d hits, want 2", hits)
	}
	r.clear(t)
	if hits := r.Stats().Hits; hits != 2 {
		t.Errorf("%d hits after the fault is cleared, want still 2", hits)
	}
}

func TestDownloadIsTruncated(t *testing.T) {
	for _, length := range []int{1, 1000, 3 << 20} {
		r := newRig(t)
		want := content(length)
		if err := r.put(t.Context(), blockKey, want); err != nil {
			t.Fatal(err)
		}
		r.set(t, Fault{Kind: TruncateDownload})
		response, err := r.once(t.Context(), http.MethodGet, blockKey, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		response.Body.Close()
		if response.ContentLength != int64(length) {
			t.Errorf("length %d announced, want %d", response.ContentLength, length)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(got, want[:length/2]) {
			t.Errorf("got %d of %d bytes, %v; want the first half and %v", len(got), length, err, io.ErrUnexpectedEOF)
		}
		if _, err := r.get(t.Context(), blockKey); err == nil {
			t.Error("the client took a truncated object for a whole one")
		}
	}
}

func TestUploadIsTruncated(t *testing.T) {
	for _, length := range []int{1, 1000, 3 << 20} {
		r := newRig(t)
		r.set(t, Fault{Kind: TruncateUpload, Count: 1})
		response, err := r.once(t.Context(), http.MethodPut, blockKey, content(length))
		if err == nil {
			response.Body.Close()
		}
		// The client may notice while it is still writing.
		if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
			t.Errorf("put = %v, want %v", err, syscall.ECONNRESET)
		}
		if broken := r.store.uploads(); !slices.Equal(broken, []int{length / 2}) {
			t.Errorf("the store got broken uploads of %v bytes, want one of %d", broken, length/2)
		}
		if err := r.put(t.Context(), blockKey, content(length)); err != nil {
			t.Errorf("put after the burst: %v", err)
		}
	}
}

func TestHeldRequestsGoOnWhenReleased(t *testing.T) {
	r := newRig(t)
	r.set(t, Fault{Kind: Hold, Method: http.MethodPut, Key: "/blocks/", Skip: 1})
	if err := r.put(t.Context(), blockKey, content(10)); err != nil {
		t.Fatalf("the first was to pass: %v", err)
	}
	errs := make(chan error, 2)
	for range cap(errs) {
		go func() { errs <- r.put(t.Context(), blockKey+".held.blk", content(2<<20)) }()
	}
	r.until(t, "2 held", func(s Stats) bool { return s.Held == 2 && s.Hits == 2 })
	if err := r.put(t.Context(), "volume.cfg", content(10)); err != nil {
		t.Errorf("another key was to pass: %v", err)
	}
	if _, stored := r.store.object(blockKey + ".held.blk"); stored {
		t.Error("a held request reached the store")
	}
	r.clear(t)
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Errorf("a held request after its release: %v", err)
		}
	}
	if object, _ := r.store.object(blockKey + ".held.blk"); len(object) != 2<<20 {
		t.Errorf("the store got %d bytes", len(object))
	}
	r.until(t, "none held", func(s Stats) bool { return s.Held == 0 })
}

func TestHeldRequestOfClientThatLeavesIsDropped(t *testing.T) {
	r := newRig(t)
	r.set(t, Fault{Kind: Hold})
	ctx, leave := context.WithCancel(t.Context())
	errs := make(chan error, 1)
	go func() { errs <- r.put(ctx, blockKey, content(1<<20)) }()
	r.until(t, "1 held", func(s Stats) bool { return s.Held == 1 })
	leave()
	<-errs
	r.until(t, "none held", func(s Stats) bool { return s.Held == 0 })
	r.clear(t)
	if seen := r.store.seen(); len(seen) != 0 {
		t.Errorf("the store saw %d requests, want none", len(seen))
	}
}

func TestHeldRequestMeetsTheFaultThatFollows(t *testing.T) {
	for _, next := range []Fault{{Kind: Unavailable}, {Kind: TruncateUpload}, {Kind: Reset}, {Kind: Refuse}} {
		t.Run(string(next.Kind), func(t *testing.T) {
			r := newRig(t)
			r.set(t, Fault{Kind: Hold})
			status := make(chan int, 1)
			go func() {
				response, err := r.once(t.Context(), http.MethodPut, blockKey, content(1000))
				if err != nil {
					status <- 0
					return
				}
				response.Body.Close()
				status <- response.StatusCode
			}()
			r.until(t, "1 held", func(s Stats) bool { return s.Held == 1 })
			r.set(t, next)
			if got, want := <-status, answers[next.Kind].status; got != want {
				t.Errorf("status %d, want %d", got, want)
			}
			if _, stored := r.store.object(blockKey); stored {
				t.Error("the request reached the store")
			}
		})
	}
}
