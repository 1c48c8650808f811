package imageserver

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestSlowKeepsToItsRate(t *testing.T) {
	r := newRig(t)
	began := time.Now()
	// Five pieces of 200 KiB, one at each tick of 50 ms.
	r.whole(t, "/slow/"+small+"?kbps=4000", want(t, small))
	if took := time.Since(began); took < 180*time.Millisecond {
		t.Errorf("977 KiB at 4000 KiB/s took %s", took)
	}
	answer, body, err := r.get(t, "/slow/"+small+"?kbps=4000", "Range", "bytes=5-8")
	if err != nil || answer.StatusCode != http.StatusPartialContent || !bytes.Equal(body, want(t, small)[5:9]) {
		t.Errorf("a part: status %d, %d bytes, %v", answer.StatusCode, len(body), err)
	}
}

func TestSlowEndsWithItsClient(t *testing.T) {
	r := newRig(t)
	ctx, leave := context.WithCancel(t.Context())
	answer := r.send(ctx, t, http.MethodGet, "/slow/"+small+"?kbps=1")
	if _, err := io.ReadFull(answer.Body, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	leave()
	r.until(t, "/slow/"+small, "the answer's end", func(traffic Traffic) bool { return traffic.Open == 0 })
	if sent := r.Stats().Of(Slow, small).Bytes; sent > 10000 {
		t.Errorf("sent %d bytes", sent)
	}
}

func TestTruncatedBreaksOffAfterHalf(t *testing.T) {
	r := newRig(t)
	file := want(t, small)
	answer, body, err := r.get(t, "/truncated/"+small)
	if answer.ContentLength != int64(len(file)) || !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(body, file[:len(file)/2]) {
		t.Errorf("%d bytes of %d announced, %v; want half", len(body), answer.ContentLength, err)
	}
	r.whole(t, "/truncated/"+small, file)
}

func TestTruncatedBreaksOffPartsToo(t *testing.T) {
	r := newRig(t)
	file := want(t, small)
	from := len(file) / 2
	for range 2 {
		_, body, err := r.get(t, "/truncated/"+small+"?times=2", "Range", "bytes=500000-")
		if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(body, file[from:from+(len(file)-from)/2]) {
			t.Errorf("%d bytes, %v; want half of the rest", len(body), err)
		}
	}
	answer, body, err := r.get(t, "/truncated/"+small+"?times=2", "Range", "bytes=500000-")
	if err != nil || answer.StatusCode != http.StatusPartialContent || !bytes.Equal(body, file[from:]) {
		t.Errorf("the third: status %d, %d bytes, %v", answer.StatusCode, len(body), err)
	}
	for range 3 {
		if _, body, err := r.get(t, "/truncated/"+Odd(1)+"?times=0"); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("with times=0: %d bytes, %v; want it broken every time", len(body), err)
		}
	}
	r.whole(t, "/truncated/"+Zero, nil)
}

// What is asked for from another address is not another's turn, a HEAD is nobody's.
func TestTruncatedCountsByAddress(t *testing.T) {
	r := newRig(t)
	r.head(t, "/truncated/"+small)
	broken := func(address string) (broken bool) {
		request := httptest.NewRequest(http.MethodGet, "/truncated/"+small, nil)
		request.RemoteAddr = address
		defer func() { broken = recover() == http.ErrAbortHandler }()
		r.ServeHTTP(httptest.NewRecorder(), request)
		return false
	}
	for _, c := range []struct {
		address string
		want    bool
	}{{"10.0.0.1:1", true}, {"10.0.0.2:1", true}, {"10.0.0.1:2", false}, {"[fd00::1]:3", true}, {"[fd00::1]:4", false}} {
		if got := broken(c.address); got != c.want {
			t.Errorf("from %s: broken %t, want %t", c.address, got, c.want)
		}
	}
	if _, _, err := r.get(t, "/truncated/"+small); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("after a HEAD: %v, want the first GET broken", err)
	}
}

func TestHangSendsHalfAndWaits(t *testing.T) {
	r := newRig(t)
	file := want(t, small)
	ctx, leave := context.WithCancel(t.Context())
	answer := r.send(ctx, t, http.MethodGet, "/hang/"+small)
	half := make([]byte, len(file)/2)
	if _, err := io.ReadFull(answer.Body, half); err != nil || answer.ContentLength != int64(len(file)) || !bytes.Equal(half, file[:len(half)]) {
		t.Fatalf("the first half of %d bytes: %v", answer.ContentLength, err)
	}
	more := make(chan error, 1)
	go func() {
		_, err := answer.Body.Read(make([]byte, 1))
		more <- err
	}()
	// Somebody else is served meanwhile, and a second time also this path is.
	r.whole(t, "/hang/"+small, file)
	select {
	case err := <-more:
		t.Fatalf("the rest = %v, want to wait for it", err)
	default:
	}
	if traffic := r.Stats().Of(Hang, small); traffic.Open < 1 {
		t.Errorf("counted %+v, want the first still open", traffic)
	}
	leave()
	if err := <-more; !errors.Is(err, context.Canceled) {
		t.Errorf("the rest after leaving = %v", err)
	}
	r.until(t, "/hang/"+small, "the answer's end", func(traffic Traffic) bool { return traffic.Open == 0 })
}

func TestLyingAnnouncesMoreThanItSends(t *testing.T) {
	r := newRig(t)
	file := want(t, small)
	for path, more := range map[string]int64{"/lying/" + small: 4096, "/lying/" + small + "?by=1": 1} {
		for range 2 {
			answer, body, err := r.get(t, path)
			if answer.ContentLength != int64(len(file))+more || !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(body, file) {
				t.Errorf("%s: %d bytes of %d announced, %v", path, len(body), answer.ContentLength, err)
			}
		}
		if head := r.head(t, path); head.ContentLength != int64(len(file))+more {
			t.Errorf("HEAD %s announces %d", path, head.ContentLength)
		}
	}
}

func TestShortSendsLessAndSaysNothing(t *testing.T) {
	r := newRig(t)
	file := want(t, small)
	r.whole(t, "/short/"+small, file[:len(file)-4096])
	r.whole(t, "/short/"+small+"?by=1000001", nil)
}

func TestRedirectsLeadThere(t *testing.T) {
	r := newRig(t)
	for path, want := range map[string]string{
		"/redirect/" + small:              "/good/" + small,
		"/redirect/" + small + "?times=3": "/redirect/" + small + "?times=2",
		"/loop/" + small:                  "/loop/" + small,
		"/redirect-to/" + small + "?to=http%3A%2F%2F127.0.0.1%2Fx%3Fa%3D1": "http://127.0.0.1/x?a=1",
		"/redirect-to/" + small + "?to=file:///etc/passwd":                 "file:///etc/passwd",
	} {
		answer, _, _ := r.get(t, path)
		if got := answer.Header.Get("Location"); answer.StatusCode != http.StatusFound || got != want {
			t.Errorf("%s: status %d to %q, want 302 to %q", path, answer.StatusCode, got, want)
		}
	}
	r.client.CheckRedirect = nil
	r.whole(t, "/redirect/"+small+"?times=4", want(t, small))
	if hops := r.Stats().Of(Redirect, small).Requests; hops != 2+4 {
		t.Errorf("%d requests were redirected, want 6", hops)
	}
	if answer, err := r.client.Get(r.url + "/loop/" + small); err == nil {
		t.Errorf("the loop ended with status %d", answer.StatusCode)
	}
}

func TestBusyAnswersLater(t *testing.T) {
	r := newRig(t)
	for path, statuses := range map[string][]int{
		"/busy/" + small:               {503, 503, 200, 200},
		"/busy/" + Odd(1) + "?times=1": {503, 200},
		"/busy/" + Zero + "?times=0":   {503, 503, 503, 503},
	} {
		for i, want := range statuses {
			if answer, _, _ := r.get(t, path); answer.StatusCode != want {
				t.Errorf("%s, request %d: status %d, want %d", path, i+1, answer.StatusCode, want)
			}
		}
	}
	r.whole(t, "/busy/"+small, want(t, small))
}

func TestGoneIsGone(t *testing.T) {
	r := newRig(t)
	for range 2 {
		if answer, _, _ := r.get(t, "/gone/"+small); answer.StatusCode != http.StatusNotFound {
			t.Errorf("status %d, want 404", answer.StatusCode)
		}
	}
}

func TestGzipSendsTheImageCompressed(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{small, Backing} {
		answer, body, err := r.get(t, "/gzip/"+name, "Range", "bytes=0-0")
		if err != nil || answer.StatusCode != http.StatusOK || answer.ContentLength != int64(len(body)) || answer.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: status %d, %d bytes, %v, %v", name, answer.StatusCode, len(body), err, answer.Header)
		}
		reader, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if file, err := io.ReadAll(reader); err != nil || !bytes.Equal(file, want(t, name)) {
			t.Errorf("%s holds %d bytes, %v", name, len(file), err)
		}
	}
}
