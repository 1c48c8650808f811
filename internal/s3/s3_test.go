package s3

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// store is the smallest S3 server that a put, a get and a removal need. It sits
// behind real TLS, so that trust in the CA is exercised; it checks no signature.
type store struct {
	mu      sync.Mutex
	objects map[string][]byte
	spoil   bool
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method {
	case http.MethodPut:
		body, _ := io.ReadAll(r.Body)
		s.objects[r.URL.Path] = body
		w.Header().Set("ETag", `"0"`)
	case http.MethodGet:
		body := append([]byte(nil), s.objects[r.URL.Path]...)
		if s.spoil {
			body[len(body)/2] ^= 1
		}
		w.Header().Set("ETag", `"0"`)
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body)
	case http.MethodDelete:
		delete(s.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	}
}

func serve(t *testing.T, s *store) Connection {
	t.Helper()
	server := httptest.NewTLSServer(s)
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return Connection{Endpoint: server.URL, AccessKeyID: "id", SecretAccessKey: "do-not-show", CA: ca}
}

func TestPutGetComparesAndCleansUp(t *testing.T) {
	for name, spoil := range map[string]bool{"faithful store": false, "store that changes a bit": true} {
		t.Run(name, func(t *testing.T) {
			s := &store{objects: map[string][]byte{}, spoil: spoil}
			client, err := serve(t, s).Client()
			if err != nil {
				t.Fatal(err)
			}
			_, err = PutGet(context.Background(), client, "bucket", 4096)
			if changed := err != nil && strings.Contains(err.Error(), "other content"); changed != spoil {
				t.Errorf("PutGet = %v", err)
			}
			if len(s.objects) != 0 {
				t.Errorf("%d objects left in the store", len(s.objects))
			}
		})
	}
}

func TestUnknownCAIsRefused(t *testing.T) {
	connection := serve(t, &store{objects: map[string][]byte{}})
	connection.CA = nil
	client, err := connection.Client()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if _, err := client.BucketExists(ctx, "bucket"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("BucketExists = %v, want a refusal of the certificate", err)
	}
}

func TestMissingKeysAreNamed(t *testing.T) {
	_, err := FromLookup(func(key string) (string, bool) { return "x", key == KeyEndpoints })
	if err == nil || !strings.Contains(err.Error(), KeyAccessKeyID) || !strings.Contains(err.Error(), KeySecretAccessKey) {
		t.Errorf("FromLookup = %v, want both missing keys named", err)
	}
}

func TestPrintingAConnectionShowsNoSecret(t *testing.T) {
	c := Connection{Endpoint: "https://h:1", AccessKeyID: "id", SecretAccessKey: "do-not-show"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, c); strings.Contains(text, "do-not-show") {
			t.Errorf("%s shows the secret: %s", format, text)
		}
	}
}
