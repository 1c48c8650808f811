package imageserver

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// small is the image of tests that look at no particular one: 1000001 bytes.
const small = Unaligned

// limit is how long anything may take that happens at once.
const limit = 20 * time.Second

// rig is a server and a client that takes answers as they come.
type rig struct {
	*Server
	url    string
	client *http.Client
}

func newRig(t *testing.T) *rig {
	t.Helper()
	server, err := New(t.TempDir(), log.New(t.Output(), "server: ", 0))
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(server)
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.Start()
	t.Cleanup(front.Close)
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &rig{Server: server, url: front.URL, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// send sends a request and leaves the body to the caller. Each part of head is a key and a value.
func (r *rig) send(ctx context.Context, t *testing.T, method, path string, head ...string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, method, r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(head); i += 2 {
		request.Header.Set(head[i], head[i+1])
	}
	answer, err := r.client.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// get returns the answer's head, what came of its body and how that ended.
func (r *rig) get(t *testing.T, path string, head ...string) (*http.Response, []byte, error) {
	t.Helper()
	answer := r.send(t.Context(), t, http.MethodGet, path, head...)
	body, err := io.ReadAll(answer.Body)
	return answer, body, err
}

// head returns the head of the answer to HEAD.
func (r *rig) head(t *testing.T, path string) *http.Response {
	t.Helper()
	return r.send(t.Context(), t, http.MethodHead, path)
}

// want is the file of an image, written without the server.
func want(t *testing.T, name string) []byte {
	t.Helper()
	i, err := parse(name)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := i.write(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// whole fails the test unless the answer is the whole file.
func (r *rig) whole(t *testing.T, path string, file []byte) {
	t.Helper()
	answer, body, err := r.get(t, path)
	if err != nil || answer.StatusCode != http.StatusOK || answer.ContentLength != int64(len(file)) || !bytes.Equal(body, file) {
		t.Errorf("%s: status %d, %d bytes of %d announced, %v; want the whole image of %d bytes",
			path, answer.StatusCode, len(body), answer.ContentLength, err, len(file))
	}
}

// until waits until what was counted for the path is as wanted.
func (r *rig) until(t *testing.T, path, what string, held func(Traffic) bool) {
	t.Helper()
	tick, late := time.NewTicker(2*time.Millisecond), time.After(limit)
	defer tick.Stop()
	for !held(r.Stats()[path]) {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited %s for %s; last seen: %+v", limit, what, r.Stats()[path])
		}
	}
}
