package s3front

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/muster-csi/muster/internal/s3"
)

const (
	bucket   = "bucket"
	blockKey = "backupstore/volumes/ab/cd/vol-1/blocks/12/34/1234.blk"
)

// store is the smallest S3 server that puts and gets need, behind real TLS. It
// notes what it was asked for.
type store struct {
	mutex   sync.Mutex
	objects map[string][]byte
	// requests are the heads of those that arrived, in order.
	requests []*http.Request
	// broken are the bytes of uploads that ended too early.
	broken []int
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.requests = append(s.requests, r)
	if err != nil {
		s.broken = append(s.broken, len(body))
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("ETag", `"0"`)
	w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
	switch r.Method {
	case http.MethodPut:
		s.objects[r.URL.Path] = body
	case http.MethodGet, http.MethodHead:
		object, ok := s.objects[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(object)))
		_, _ = w.Write(object)
	}
}

func (s *store) seen() []*http.Request {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]*http.Request(nil), s.requests...)
}

// uploads are the bytes of uploads that ended too early.
func (s *store) uploads() []int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]int(nil), s.broken...)
}

func (s *store) object(key string) ([]byte, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	object, ok := s.objects["/"+bucket+"/"+key]
	return object, ok
}

// rig is a store, a front before it, and a client of the front that tries once.
type rig struct {
	*Front
	store  *store
	client *minio.Client
	http   *http.Client
}

func newRig(t *testing.T) *rig {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() { settle(t, before) })
	s := &store{objects: map[string][]byte{}}
	server := httptest.NewTLSServer(s)
	t.Cleanup(server.Close)
	front, err := Start(t.Context(), configFor(t, server))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := front.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	r := &rig{Front: front, store: s}
	connection := s3.Connection{
		Endpoint: "https://" + front.Address(), AccessKeyID: "id", SecretAccessKey: "key", CA: pemOf(server),
	}
	r.client, err = connection.Client(func(transport *http.Transport) {
		r.http = &http.Client{Transport: transport}
		t.Cleanup(transport.CloseIdleConnections)
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func pemOf(server *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

// configFor gives the front the certificate of the store behind it, which is
// valid for 127.0.0.1.
func configFor(t *testing.T, server *httptest.Server) Config {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	return Config{
		Listen: "127.0.0.1:0", Certificate: pemOf(server), Key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		Upstream: server.URL, UpstreamCA: pemOf(server), Log: log.New(t.Output(), "front: ", 0),
	}
}

// settle waits until no more goroutines run than before.
func settle(t *testing.T, before int) {
	t.Helper()
	tick, limit := time.NewTicker(5*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for runtime.NumGoroutine() > before {
		select {
		case <-tick.C:
		case <-limit:
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines run, %d did before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// until waits until the counters are as wanted.
func (r *rig) until(t *testing.T, what string, held func(Stats) bool) {
	t.Helper()
	tick, limit := time.NewTicker(2*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for !held(r.Stats()) {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited 20s for %s; last seen: %+v", what, r.Stats())
		}
	}
}

func (r *rig) set(t *testing.T, fault Fault) {
	t.Helper()
	if err := r.Set(t.Context(), fault); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) clear(t *testing.T) {
	t.Helper()
	if err := r.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) put(ctx context.Context, key string, content []byte) error {
	_, err := r.client.PutObject(ctx, bucket, key, bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
	return err
}

func (r *rig) get(ctx context.Context, key string) ([]byte, error) {
	object, err := r.client.GetObject(ctx, bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	defer object.Close()
	return io.ReadAll(object)
}

// once sends one plain request, which nothing tries again.
func (r *rig) once(ctx context.Context, method, key string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, "https://"+r.Address()+"/"+bucket+"/"+key, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.GetBody = nil
	return r.http.Do(request)
}

// content is that many bytes, none of them like its neighbour.
func content(length int) []byte {
	return []byte(strings.Repeat("0123456789abcdef", length/16+1)[:length])
}
