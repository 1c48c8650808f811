package s3front

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
)

func TestWithoutFaultRequestsPassUntouched(t *testing.T) {
	r := newRig(t)
	want := content(300_000)
	if err := r.put(t.Context(), blockKey, want); err != nil {
		t.Fatal(err)
	}
	got, err := r.get(t.Context(), blockKey)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("got %d bytes, %v; want the %d that were put", len(got), err, len(want))
	}
	for _, request := range r.store.seen() {
		if request.Host != r.Address() {
			t.Errorf("the store saw Host %q, want %q, which the client has signed", request.Host, r.Address())
		}
		if !regexp.MustCompile(`SignedHeaders=\S*\bhost;`).MatchString(request.Header.Get("Authorization")) {
			t.Errorf("the signature %q does not cover Host, the test is worth nothing", request.Header.Get("Authorization"))
		}
		if added := request.Header.Get("X-Forwarded-For"); added != "" {
			t.Errorf("the front added X-Forwarded-For %q", added)
		}
	}
}

func TestPathAndQueryArriveAsSent(t *testing.T) {
	r := newRig(t)
	const uri = "/bucket/a%2Fb//c%20d/../e?x=1;y=%zz&prefix=q/"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+r.Address(), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = uri
	response, err := r.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if seen := r.store.seen(); len(seen) != 1 || seen[0].RequestURI != uri {
		t.Errorf("the store saw %v, want one request for %s", seen, uri)
	}
}

func TestBodyIsStreamedAndChunkedBodyStaysSo(t *testing.T) {
	r := newRig(t)
	arrived := make(chan struct{})
	read, write := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://"+r.Address()+"/bucket/key", read)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(arrived)
		_, _ = write.Write(content(1000))
		// The front takes the first piece before the second is there.
		r.until(t, "the first piece to arrive", func(s Stats) bool { return s.Uploaded >= 1000 })
		_, _ = write.Write(content(500))
		write.Close()
	}()
	response, err := r.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	<-arrived
	if seen := r.store.seen(); seen[0].ContentLength != -1 {
		t.Errorf("the store saw length %d, want none, as the client announced none", seen[0].ContentLength)
	}
	if object, _ := r.store.object("key"); len(object) != 1500 {
		t.Errorf("the store got %d bytes, want 1500", len(object))
	}
}

func TestExpectContinueReachesTheStore(t *testing.T) {
	r := newRig(t)
	r.http.Transport.(*http.Transport).ExpectContinueTimeout = remoteLimit
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://"+r.Address()+"/bucket/key", bytes.NewReader(content(100)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Expect", "100-continue")
	response, err := r.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if object, _ := r.store.object("key"); len(object) != 100 || r.store.seen()[0].Header.Get("Expect") == "" {
		t.Errorf("the store got %d bytes with Expect %q", len(object), r.store.seen()[0].Header.Get("Expect"))
	}
}

func TestCountersTellClassMethodAndBytes(t *testing.T) {
	r := newRig(t)
	base := "backupstore/volumes/ab/cd/vol-1/"
	for class, key := range map[Class]string{
		Block: base + "blocks/12/34/1234.blk", BackupConfig: base + "backups/backup_b-1.cfg",
		VolumeConfig: base + "volume.cfg", Lock: base + "locks/lock-1.lck", Other: "system-backups/x",
	} {
		if err := r.put(t.Context(), key, content(10)); err != nil {
			t.Fatal(err)
		}
		if n := r.Stats().Count(class, http.MethodPut); n != 1 {
			t.Errorf("%d PUT of class %s counted, want 1", n, class)
		}
	}
	for range r.client.ListObjects(t.Context(), bucket, minio.ListObjectsOptions{Prefix: base + "blocks/"}) {
	}
	if _, err := r.get(t.Context(), blockKey); err != nil {
		t.Fatal(err)
	}
	stats := r.Stats()
	if n := stats.Count(List, ""); n != 1 {
		t.Errorf("%d listings counted, want 1", n)
	}
	if n := stats.Count("", http.MethodPut); n != 5 {
		t.Errorf("%d PUT counted, want 5", n)
	}
	if stats.Uploaded < 50 || stats.Downloaded != 10 || stats.Hits != 0 || stats.Fault != nil {
		t.Errorf("%+v, want 50 bytes or more up, 10 down, no fault", stats)
	}
}

func TestStoreThatIsNotTrustedOrNotThereIsTold(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	config := configFor(t, server)
	other := httptest.NewUnstartedServer(nil)
	other.Config.ErrorLog = log.New(io.Discard, "", 0)
	other.StartTLS()
	t.Cleanup(other.Close)
	config.Upstream = strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // not a name of the certificate
	if _, err := Start(t.Context(), config); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("Start = %v, want the certificate refused", err)
	}
	server.Close()
	config.Upstream = server.URL
	if _, err := Start(t.Context(), config); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("Start = %v, want the store not reached", err)
	}
	config.Upstream = "http://" + server.Listener.Addr().String()
	if _, err := Start(t.Context(), config); err == nil || !strings.Contains(err.Error(), "https://host:port") {
		t.Errorf("Start = %v, want the URL refused", err)
	}
}

func TestStoreThatGoesAwayIsBadGateway(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	front, err := Start(t.Context(), configFor(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer front.Close(t.Context())
	s.Close()
	w := httptest.NewRecorder()
	front.ServeHTTP(w, httptest.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, "/bucket/key", nil))
	if w.Code != http.StatusBadGateway {
		t.Errorf("status %d, want %d", w.Code, http.StatusBadGateway)
	}
}
