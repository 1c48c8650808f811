package s3front

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFrontIsDrivenFromElsewhere(t *testing.T) {
	r := newRig(t)
	server := httptest.NewServer(r.Admin())
	t.Cleanup(server.Close)
	remote := Remote{Address: server.Listener.Addr().String()}
	if err := remote.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := Fault{Kind: Unavailable, Key: "/blocks/"}
	if err := remote.Set(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	response, err := r.once(t.Context(), http.MethodGet, blockKey, nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	stats, err := remote.Stats(t.Context())
	if err != nil || stats.Fault == nil || *stats.Fault != want || stats.Hits != 1 || stats.Count(Block, http.MethodGet) != 1 {
		t.Errorf("stats = %+v, %v", stats, err)
	}
	if err := remote.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if stats, err := remote.Stats(t.Context()); err != nil || stats.Fault != nil || stats.Hits != 1 {
		t.Errorf("stats after the fault is cleared = %+v, %v", stats, err)
	}
	if _, err := remote.do(t.Context(), http.MethodPut, "/fault", `{"kind":"no"}`); err == nil || !strings.Contains(err.Error(), "unknown") {
		t.Errorf("an unknown kind = %v, want the front's sentence", err)
	}
}

func TestFrontThatDoesNotRunIsTold(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	err := Remote{Address: server.Listener.Addr().String()}.Ready(t.Context())
	if err == nil || !strings.Contains(err.Error(), "is it running") {
		t.Errorf("Ready = %v", err)
	}
}

func TestConfigIsReadFromFiles(t *testing.T) {
	directory := t.TempDir()
	for _, name := range []string{FileCertificate, FileKey, FileUpstream, FileUpstreamCA} {
		if _, err := ReadConfig(directory); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v, want the file named", name, err)
		}
		if err := os.WriteFile(filepath.Join(directory, name), []byte(name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, err := ReadConfig(directory)
	if err != nil || config.Upstream != FileUpstream || string(config.UpstreamCA) != FileUpstreamCA+"\n" {
		t.Errorf("config = %q, %v", config.Upstream, err)
	}
}
