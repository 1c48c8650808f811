package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFetch(t *testing.T) {
	file := version{`"v1"`, pattern(1, 3*mib+7)}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { file.serve(w, r) })
	path := target(t)
	var done, total int64
	must(t, local().Fetch(t.Context(), server.URL+"/image", path, func(d, t int64) { done, total = d, t }))
	wantFile(t, path, file.content)
	if size := int64(len(file.content)); done != size || total != size {
		t.Errorf("progress ended with %d of %d bytes", done, total)
	}
	if encoding := server.requests()[0].Header.Get("Accept-Encoding"); encoding != "identity" {
		t.Errorf("encodings were accepted: %q", encoding)
	}
}

func TestFetchOfAnEmptyFile(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { version{`"v1"`, nil}.serve(w, r) })
	path := target(t)
	must(t, local().Fetch(t.Context(), server.URL, path, nil))
	wantFile(t, path, nil)
}

func TestFetchReplacesWhatIsThere(t *testing.T) {
	file := version{`"v1"`, pattern(1, kib)}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { file.serve(w, r) })
	path := target(t)
	must(t, os.WriteFile(path, pattern(2, 4*kib), 0o600))
	must(t, local().Fetch(t.Context(), server.URL, path, nil))
	wantFile(t, path, file.content)
}

func TestFetchFollowsRedirects(t *testing.T) {
	file := version{`"v1"`, pattern(1, kib)}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, before int) {
		if before < 3 {
			http.Redirect(w, r, fmt.Sprintf("/%d?sig=x", before), http.StatusFound)
			return
		}
		file.serve(w, r)
	})
	path := target(t)
	must(t, local().Fetch(t.Context(), server.URL+"/image?sig=secret", path, nil))
	wantFile(t, path, file.content)
	for _, r := range server.requests() {
		if r.Referer() != "" {
			t.Errorf("the next server was told where the redirect came from: %s", r.Referer())
		}
	}
	few := local()
	few.MaxRedirects = 2
	server.asked = nil
	wantRefused(t, few.Fetch(t.Context(), server.URL, target(t), nil), "more than 2 times")
}

func TestFetchEndsInARedirectLoop(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, "/", http.StatusFound) })
	wantRefused(t, local().Fetch(t.Context(), server.URL, target(t), nil), "more than 5 times")
	if n := len(server.requests()); n != 6 {
		t.Errorf("%d requests, want 6", n)
	}
}

func TestFetchDoesNotFollowEverywhere(t *testing.T) {
	for location, fragment := range map[string]string{
		"http://169.254.169.254/latest/meta-data": "metadata service",
		"http://[::ffff:169.254.169.254]/":        "metadata service",
		"http://[fe80::1%25eth0]/":                "link-local",
		"ftp://127.0.0.1/image":                   "http:// or https://",
		"file:///etc/shadow":                      "http:// or https://",
		"http://user:word@127.0.0.1/":             "user",
		"http://%zz/":                             "no URL",
		"":                                        "no URL",
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		})
		wantRefused(t, local().Fetch(t.Context(), server.URL, target(t), nil), fragment)
		if n := len(server.requests()); n != 1 {
			t.Errorf("%s: %d requests, want 1", location, n)
		}
	}
}

func TestFetchIsFinalWhenTheServerSaysNo(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 410, 416, 204, 206, 304} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(status) })
		path := target(t)
		wantRefused(t, local().Fetch(t.Context(), server.URL, path, nil), fmt.Sprintf("answered %d", status))
		if n := len(server.requests()); n != 1 {
			t.Errorf("%d: %d requests, want 1", status, n)
		}
		wantNo(t, path, notePath(path))
	}
}

func TestFetchTriesAgainWhenTheServerCannotNow(t *testing.T) {
	file := version{`"v1"`, pattern(1, kib)}
	for _, status := range []int{408, 425, 429, 500, 502, 503, 504} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, before int) {
			if before < 4 {
				w.WriteHeader(status)
				return
			}
			file.serve(w, r)
		})
		path := target(t)
		must(t, local().Fetch(t.Context(), server.URL, path, nil))
		wantFile(t, path, file.content)
	}
}

func TestFetchGivesUpInTheEnd(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusServiceUnavailable) })
	var pauses []int
	d := local()
	d.Attempts, d.Pause = 3, func(_ context.Context, attempt int) error { pauses = append(pauses, attempt); return nil }
	err := d.Fetch(t.Context(), server.URL, target(t), nil)
	if err == nil || errors.As(err, new(*Refused)) || !strings.Contains(err.Error(), "503 Service Unavailable") {
		t.Errorf("error is %v", err)
	}
	if n := len(server.requests()); n != 3 || fmt.Sprint(pauses) != "[1 2]" {
		t.Errorf("%d requests with pauses %v, want 3 with [1 2]", n, pauses)
	}
}

func TestFetchRefusesAFileThatIsTooLarge(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter){
		"announced": func(w http.ResponseWriter) { w.Header().Set("Content-Length", "1025") },
		"in chunks": func(w http.ResponseWriter) {
			for range 3 {
				_, _ = w.Write(make([]byte, 512))
				_ = http.NewResponseController(w).Flush()
			}
		},
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w) })
		d, path := local(), target(t)
		d.MaxBytes = kib
		var most int64
		err := d.Fetch(t.Context(), server.URL, path, func(done, _ int64) { most = done })
		wantRefused(t, err, "at most 1024 are allowed")
		if most > kib || name == "announced" && most > 0 {
			t.Errorf("%s: %d bytes were written", name, most)
		}
		wantNo(t, path, notePath(path))
	}
	file := version{`"v1"`, pattern(1, kib)}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { file.serve(w, r) })
	d, path := local(), target(t)
	d.MaxBytes = kib
	must(t, d.Fetch(t.Context(), server.URL, path, nil))
	wantFile(t, path, file.content)
}

func TestFetchRefusesAnEncodedFile(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("packed"))
	})
	wantRefused(t, local().Fetch(t.Context(), server.URL, target(t), nil), "gzip")
}

func TestFetchDoesNotWaitForASilentServer(t *testing.T) {
	for name, begin := range map[string]func(w http.ResponseWriter){
		"before the header": func(http.ResponseWriter) {},
		"within the body": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1024")
			_, _ = w.Write(make([]byte, 512))
			_ = http.NewResponseController(w).Flush()
		},
	} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			begin(w)
			<-r.Context().Done() // until the client has had enough
		})
		d := local()
		d.IdleTimeout, d.Attempts = 50*time.Millisecond, 2
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err := d.Fetch(ctx, server.URL, target(t), nil)
		if err == nil || errors.As(err, new(*Refused)) || !strings.Contains(err.Error(), "sent nothing for 50ms") {
			t.Errorf("%s: error is %v", name, err)
		}
		if n := len(server.requests()); n < 2 {
			t.Errorf("%s: %d requests, want another after the first", name, n)
		}
	}
}

func TestFetchEndsWithItsContext(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Content-Length", "1024")
		_, _ = w.Write(make([]byte, 512))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	path := target(t)
	err := local().Fetch(ctx, server.URL, path, func(int64, int64) { cancel() })
	if !errors.Is(err, context.Canceled) || errors.As(err, new(*Refused)) {
		t.Errorf("error is %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("what had arrived is gone, %v", err)
	}
}

func TestFetchTellsItsOwnDiskFromTheServer(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { version{`"v1"`, pattern(1, kib)}.serve(w, r) })
	err := local().Fetch(t.Context(), server.URL, filepath.Join(t.TempDir(), "missing", "download"), nil)
	if !errors.Is(err, os.ErrNotExist) || errors.As(err, new(*Refused)) || len(server.requests()) > 0 {
		t.Errorf("error is %v after %d requests", err, len(server.requests()))
	}
}

// Whatever goes wrong, an error names the server and no secret.
func TestErrorsShowNoQuery(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"missing":    http.NotFound,
		"failing":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"breaks off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"loop": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/there?signature=hidden", http.StatusFound)
		},
		"no URL": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://%zz/there?signature=hidden")
			w.WriteHeader(http.StatusFound)
		},
		"forbidden": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/there?signature=hidden", http.StatusFound)
		},
		"user": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://user:hidden@127.0.0.1/there", http.StatusFound)
		},
		"own status": func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(connection, "HTTP/1.1 403 signature=hidden\r\n\r\n")
				connection.Close()
			}
		},
	} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { answer(w, r) })
		err := local().Fetch(t.Context(), server.URL+"/image?signature=hidden#hidden", target(t), nil)
		if err == nil || strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), server.URL+"/image") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	server := serve(t, nil)
	server.Close()
	err := local().Fetch(t.Context(), server.URL+"/image?signature=hidden", target(t), nil)
	if err == nil || strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("nobody listens: error is %v", err)
	}
}

func TestPausesGrowAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for attempt, want := range map[int]time.Duration{1: firstPause, 2: 2 * firstPause, 4: 8 * firstPause, 7: 32 * time.Second, 1000: 32 * time.Second} {
			begin := time.Now()
			must(t, pause(t.Context(), attempt))
			if took := time.Since(begin); took != want {
				t.Errorf("pause before attempt %d took %s, want %s", attempt, took, want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := pause(ctx, 1000); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v", err)
		}
	})
}
