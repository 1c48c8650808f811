package image

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestABrokenDownloadIsContinued(t *testing.T) {
	file := version{`"v1"`, pattern(1, 400*kib)}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, before int) {
		if before == 0 {
			w = &breakingOff{w, 100 * kib}
		}
		file.serve(w, r)
	})
	path := target(t)
	must(t, local().Fetch(t.Context(), server.URL, path, nil))
	wantFile(t, path, file.content)
	if got, want := server.ranges(), []string{"", "bytes=102400-"}; !slices.Equal(got, want) {
		t.Errorf("ranges were %q, want %q", got, want)
	}
	if tag := server.requests()[1].Header.Get("If-Range"); tag != file.tag {
		t.Errorf("the rest was asked for if the version is %s", tag)
	}
}

func TestProgressCountsAttemptsAnew(t *testing.T) {
	file := version{`"v1"`, pattern(1, 20*kib)}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { file.serve(&breakingOff{w, kib + 1}, r) })
	d, path := local(), target(t)
	d.Attempts = 2
	must(t, d.Fetch(t.Context(), server.URL, path, nil))
	wantFile(t, path, file.content)
}

func TestADownloadInCrumbsEnds(t *testing.T) {
	file := version{`"v1"`, pattern(1, 20*kib)}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { file.serve(&breakingOff{w, 1}, r) })
	if err := local().Fetch(t.Context(), server.URL, target(t), nil); err == nil {
		t.Error("a download that was never complete succeeded")
	}
	if n := len(server.requests()); n != 50 {
		t.Errorf("%d requests, want 50", n)
	}
}

func TestALaterCallContinues(t *testing.T) {
	file := version{`"v1"`, pattern(1, 400*kib)}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, before int) {
		if before == 0 {
			w = &breakingOff{w, 100 * kib}
		}
		file.serve(w, r)
	})
	d, path := local(), target(t)
	d.Attempts = 1
	if err := d.Fetch(t.Context(), server.URL+"?signature=hidden", path, nil); err == nil {
		t.Fatal("a download that broke off succeeded")
	}
	if content, err := os.ReadFile(notePath(path)); err != nil || bytes.Contains(content, []byte("hidden")) {
		t.Errorf("the note is %s, %v", content, err)
	}
	must(t, d.Fetch(t.Context(), server.URL+"?signature=hidden", path, nil))
	wantFile(t, path, file.content)
	if got, want := server.ranges(), []string{"", "bytes=102400-"}; !slices.Equal(got, want) {
		t.Errorf("ranges were %q, want %q", got, want)
	}
}

// leave makes what an interrupted call leaves at path.
func leave(t *testing.T, path, address, tag string, content []byte, total int64) {
	t.Helper()
	must(t, os.WriteFile(path, content, 0o600))
	must(t, note{digest(address), tag, total}.write(path))
}

func TestOnlyTheSameVersionIsContinued(t *testing.T) {
	file := version{`"v1"`, pattern(1, 4*kib)}
	size := int64(len(file.content))
	garbage := pattern(9, 2*kib)
	for name, each := range map[string]struct {
		leave func(t *testing.T, path, address string)
		want  []string // ranges
	}{
		"same":           {func(t *testing.T, path, a string) { leave(t, path, a, file.tag, file.content[:kib], size) }, []string{"bytes=1024-"}},
		"unknown length": {func(t *testing.T, path, a string) { leave(t, path, a, file.tag, file.content[:kib], unknown) }, []string{"bytes=1024-"}},
		"already whole":  {func(t *testing.T, path, a string) { leave(t, path, a, file.tag, file.content, size) }, []string{"bytes=4095-"}},
		"whole, length unknown": {func(t *testing.T, path, a string) { leave(t, path, a, file.tag, file.content, unknown) },
			[]string{"bytes=4096-", ""}},
		"other version": {func(t *testing.T, path, a string) { leave(t, path, a, `"v0"`, garbage, size) }, []string{"bytes=2048-"}},
		"other length":  {func(t *testing.T, path, a string) { leave(t, path, a, file.tag, garbage, size+1) }, []string{"bytes=2048-", ""}},
		"other address": {func(t *testing.T, path, a string) { leave(t, path, a+"/other", file.tag, garbage, size) }, []string{""}},
		"no note":       {func(t *testing.T, path, _ string) { must(t, os.WriteFile(path, garbage, 0o600)) }, []string{""}},
		"broken note": {func(t *testing.T, path, a string) {
			leave(t, path, a, file.tag, garbage, size)
			must(t, os.Truncate(notePath(path), 9))
		}, []string{""}},
		"nothing but a note": {func(t *testing.T, path, a string) { leave(t, path, a, file.tag, nil, size) }, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { file.serve(w, r) })
			path := target(t)
			each.leave(t, path, server.URL)
			must(t, local().Fetch(t.Context(), server.URL, path, nil))
			wantFile(t, path, file.content)
			if got := server.ranges(); !slices.Equal(got, each.want) {
				t.Errorf("ranges were %q, want %q", got, each.want)
			}
		})
	}
}

// Servers that send a rest although its version is not the one that was asked for.
func TestAWrongRestIsNotTaken(t *testing.T) {
	file := version{`"v2"`, pattern(2, 4*kib)}
	old := pattern(1, kib)
	for name, header := range map[string]http.Header{
		"other version":  {"Etag": {`"v2"`}, "Content-Range": {"bytes 1024-4095/4096"}},
		"no version":     {"Content-Range": {"bytes 1024-4095/4096"}},
		"other place":    {"Etag": {`"v1"`}, "Content-Range": {"bytes 1025-4095/4096"}},
		"other size":     {"Etag": {`"v1"`}, "Content-Range": {"bytes 1024-4095/5000"}},
		"no range":       {"Etag": {`"v1"`}},
		"several ranges": {"Etag": {`"v1"`}, "Content-Type": {"multipart/byteranges; boundary=x"}},
		"nonsense":       {"Etag": {`"v1"`}, "Content-Range": {"bytes 1024-4095/-1"}},
	} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			if r.Header.Get("Range") == "" {
				file.serve(w, r)
				return
			}
			for key, values := range header {
				w.Header()[key] = values
			}
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(file.content[kib:])
		})
		d, path := local(), target(t)
		d.Attempts = 1 // starting over is no failure
		leave(t, path, server.URL, `"v1"`, old, 4*kib)
		must(t, d.Fetch(t.Context(), server.URL, path, nil))
		wantFile(t, path, file.content)
		if n := len(server.requests()); n != 2 {
			t.Errorf("%s: %d requests, want 2", name, n)
		}
	}
}

// Where neither the first answer nor the rest says how long the file is, nobody
// could tell whether the rest is all of it.
func TestARestOfUnknownLengthIsNotTaken(t *testing.T) {
	content := pattern(1, 4*kib)
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("Range") != "" {
			w.Header().Set("Content-Range", "bytes 1024-2047/*")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(content[kib : 2*kib])
			return
		}
		_, _ = w.Write(content)
	})
	path := target(t)
	leave(t, path, server.URL, `"v1"`, content[:kib], unknown)
	must(t, local().Fetch(t.Context(), server.URL, path, nil))
	wantFile(t, path, content)
}

func TestTheVersionMayChangeWhileDownloading(t *testing.T) {
	first, second := version{`"v1"`, pattern(1, 40*kib)}, version{`"v2"`, pattern(2, 30*kib)}
	server := serve(t, func(w http.ResponseWriter, r *http.Request, before int) {
		if before == 0 {
			first.serve(&breakingOff{w, 35 * kib}, r)
			return
		}
		second.serve(w, r)
	})
	path := target(t)
	must(t, local().Fetch(t.Context(), server.URL, path, nil))
	wantFile(t, path, second.content)
}

func TestWithoutAStrongValidatorADownloadStartsOver(t *testing.T) {
	for _, tag := range []string{"", `W/"weak"`, "unquoted"} {
		file := version{tag, pattern(1, 40*kib)}
		server := serve(t, func(w http.ResponseWriter, r *http.Request, before int) {
			if before == 0 {
				w = &breakingOff{w, 20 * kib}
			}
			file.serve(w, r)
		})
		path := target(t)
		must(t, local().Fetch(t.Context(), server.URL, path, nil))
		wantFile(t, path, file.content)
		if got := server.ranges(); !slices.Equal(got, []string{"", ""}) {
			t.Errorf("tag %s: ranges were %q", tag, got)
		}
	}
}

func TestATimeOfChangeIsAValidatorOnceItIsOld(t *testing.T) {
	content := pattern(1, 40*kib)
	for age, want := range map[time.Duration]string{time.Hour: "bytes=20480-", time.Second: ""} {
		changed := time.Now().Add(-age)
		server := serve(t, func(w http.ResponseWriter, r *http.Request, before int) {
			if before == 0 {
				w = &breakingOff{w, 20 * kib}
			}
			http.ServeContent(w, r, "", changed, bytes.NewReader(content))
		})
		path := target(t)
		must(t, local().Fetch(t.Context(), server.URL, path, nil))
		wantFile(t, path, content)
		if got := server.ranges()[1]; got != want {
			t.Errorf("changed %s ago: range was %q, want %q", age, got, want)
		}
	}
}

func TestALengthThatIsNeverReachedIsAnError(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Content-Length", "2048")
		_, _ = w.Write(make([]byte, kib))
	})
	d, path := local(), target(t)
	d.Attempts = 4
	err := d.Fetch(t.Context(), server.URL, path, nil)
	if err == nil || !strings.Contains(err.Error(), io.ErrUnexpectedEOF.Error()) || !strings.Contains(err.Error(), "1024 bytes") {
		t.Errorf("error is %v", err)
	}
	if n := len(server.requests()); n != 4 { // what came again was no progress
		t.Errorf("%d requests, want 4", n)
	}
}

func TestARestThatIsLongerThanTheFileIsAnError(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Content-Range", "bytes 1024-2047/2048")
		w.WriteHeader(http.StatusPartialContent)
		for range 3 {
			_, _ = w.Write(make([]byte, kib-1))
			_ = http.NewResponseController(w).Flush()
		}
	})
	d, path := local(), target(t)
	d.Attempts = 1
	leave(t, path, server.URL, `"v1"`, make([]byte, kib), 2*kib)
	var most int64
	err := d.Fetch(t.Context(), server.URL, path, func(done, _ int64) { most = max(most, done) })
	if err == nil || !strings.Contains(err.Error(), "more than the 2048 bytes") || most > 2*kib {
		t.Errorf("error is %v after %d bytes", err, most)
	}
}

func TestARestMayComeInSeveralAnswers(t *testing.T) {
	content := pattern(1, 4*kib)
	server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("ETag", `"v1"`)
		var first int
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &first); err != nil {
			version{`"v1"`, content}.serve(&breakingOff{w, kib}, r)
			return
		}
		end := min(first+kib, len(content))
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, end-1, len(content)))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(content[first:end])
	})
	d, path := local(), target(t)
	d.Attempts = 2
	must(t, d.Fetch(t.Context(), server.URL, path, nil))
	wantFile(t, path, content)
}
