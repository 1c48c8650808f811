package image

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// origin is a server on 127.0.0.1 that remembers what it was asked.
type origin struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
}

// serve starts a server whose answers may depend on how many came before.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, before int)) *origin {
	t.Helper()
	o := &origin{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		before := len(o.asked)
		o.asked = append(o.asked, r)
		o.mu.Unlock()
		answer(w, r, before)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *origin) requests() []*http.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked
}

// ranges are the Range headers of all requests.
func (o *origin) ranges() []string {
	var all []string
	for _, r := range o.requests() {
		all = append(all, r.Header.Get("Range"))
	}
	return all
}

// version is a file as a good server gives it: with a tag, in ranges.
type version struct {
	tag     string
	content []byte
}

func (v version) serve(w http.ResponseWriter, r *http.Request) {
	if v.tag != "" {
		w.Header().Set("ETag", v.tag)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(v.content))
}

// breakingOff is an answer whose connection breaks after some bytes of the body.
type breakingOff struct {
	http.ResponseWriter
	left int
}

// Write implements io.Writer.
func (b *breakingOff) Write(p []byte) (int, error) {
	if len(p) < b.left {
		b.left -= len(p)
		return b.ResponseWriter.Write(p)
	}
	_, _ = b.ResponseWriter.Write(p[:b.left])
	_ = http.NewResponseController(b.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

// local is a Downloader for servers on 127.0.0.1 that does not pause.
func local() Downloader {
	return Downloader{
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Pause: func(ctx context.Context, _ int) error { return ctx.Err() },
	}
}

// target is where a download goes.
func target(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "download")
}

// wantFile holds that the download is complete and nothing else is left.
func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the file has %d bytes, want the %d that the server has; %v", len(got), len(want), err)
	}
	wantNo(t, notePath(path))
}

func wantNo(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s is there, %v", path, err)
		}
	}
}
