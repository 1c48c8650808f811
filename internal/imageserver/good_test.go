package imageserver

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestGoodSendsWholeImagesAndParts(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{small, Zero, Odd(7), Raw(1, 3), RawQCOW2(1, 3), Backing} {
		r.whole(t, "/good/"+name, want(t, name))
	}
	file := want(t, small)
	answer, body, err := r.get(t, "/good/"+small, "Range", "bytes=1000-1999")
	if err != nil || answer.StatusCode != http.StatusPartialContent || !bytes.Equal(body, file[1000:2000]) {
		t.Errorf("a part: status %d, %d bytes, %v", answer.StatusCode, len(body), err)
	}
	if got := answer.Header.Get("Content-Range"); got != fmt.Sprintf("bytes 1000-1999/%d", len(file)) {
		t.Errorf("the part is said to be %q", got)
	}
	answer, _, _ = r.get(t, "/good/"+small, "Range", "bytes=2000000-")
	if answer.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a part after the end: status %d", answer.StatusCode)
	}
	if head := r.head(t, "/good/"+small); head.ContentLength != int64(len(file)) || head.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("HEAD: %v", head.Header)
	}
}

func TestGoodTellsImagesApartByTheirETag(t *testing.T) {
	r := newRig(t)
	tag := r.head(t, "/good/"+small).Header.Get("ETag")
	if other := r.head(t, "/good/"+Odd(1)).Header.Get("ETag"); tag == "" || tag == other {
		t.Errorf("ETags %s and %s", tag, other)
	}
	if answer, _, _ := r.get(t, "/good/"+small, "If-None-Match", tag); answer.StatusCode != http.StatusNotModified {
		t.Errorf("the same image again: status %d", answer.StatusCode)
	}
	if answer, _, _ := r.get(t, "/good/"+small, "Range", "bytes=1-2", "If-Range", `"other"`); answer.StatusCode != http.StatusOK {
		t.Errorf("a part of another image: status %d, want the whole", answer.StatusCode)
	}
	r.whole(t, "/good/"+small+"?X-Signature=abc&expires=9", want(t, small))
}

func TestNoRangeSendsTheWholeImageOnly(t *testing.T) {
	r := newRig(t)
	file := want(t, small)
	answer, body, err := r.get(t, "/no-range/"+small, "Range", "bytes=1000-1999")
	if err != nil || answer.StatusCode != http.StatusOK || !bytes.Equal(body, file) {
		t.Errorf("status %d, %d bytes, %v; want all", answer.StatusCode, len(body), err)
	}
	if head := r.head(t, "/no-range/"+small); head.ContentLength != int64(len(file)) || head.Header.Get("ETag") != "" || head.Header.Get("Accept-Ranges") != "none" {
		t.Errorf("HEAD: %v", head.Header)
	}
}

func TestWhatIsUnknownIsListed(t *testing.T) {
	r := newRig(t)
	for path, sentence := range map[string]string{
		"/good/raw-8m.img":                 "raw-<MiB>m-<seed>.img",
		"/good/raw-0m-1.img":               "sparse.qcow2",
		"/good/raw-4097m-1.img":            "1 to 4096 MiB",
		"/good/odd-1.vmdk":                 "zero.img",
		"/good/..%2f..%2fetc%2fpasswd":     "there is no image",
		"/god/" + small:                    "good, gzip, hang",
		"/sums/nothing":                    "backing.qcow2",
		"/":                                "/<behaviour>/<image>",
		"/good/unaligned.img/and/more":     "/sums/<image>",
		"/truncated/raw-1m--1.img?times=0": "there is no image",
	} {
		answer, body, err := r.get(t, path)
		if err != nil || answer.StatusCode != http.StatusNotFound || !strings.Contains(string(body), sentence) {
			t.Errorf("%s: status %d, %q, %v; want 404 and %q", path, answer.StatusCode, body, err, sentence)
		}
	}
	if len(r.Stats()) != 0 {
		t.Errorf("counted %v, want nothing", r.Stats())
	}
}

func TestQueriesWithoutSenseAreRefused(t *testing.T) {
	r := newRig(t)
	for path, sentence := range map[string]string{
		"/truncated/" + small + "?time=2":        `"time" is unknown here: give ?times=`,
		"/truncated/" + small + "?times=-1":      "from 0 on, or leave it out for 1",
		"/slow/" + small + "?kbps=0":             "from 1 on, or leave it out for 512",
		"/slow/" + small + "?kbps=99999999999":   "makes no sense",
		"/short/" + small + "?by=x":              "makes no sense",
		"/gone/" + small + "?times=1":            "leave the query out",
		"/redirect-to/" + small:                  "the query lacks to",
		"/redirect/" + small + "?times=0":        "from 1 on",
		"/short/" + Zero:                         "zero.img has 0 bytes and cannot be 4096 shorter",
		"/busy/" + small + "?times=1&kbps=1":     `"kbps" is unknown here`,
		"/redirect-to/" + small + "?too=http://": `"too" is unknown here`,
	} {
		answer, body, err := r.get(t, path)
		if err != nil || answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), sentence) {
			t.Errorf("%s: status %d, %q, %v; want 400 and %q", path, answer.StatusCode, body, err, sentence)
		}
	}
}

func TestTrafficIsCountedByPath(t *testing.T) {
	r := newRig(t)
	for range 2 {
		r.whole(t, "/good/"+small, want(t, small))
	}
	_, _, _ = r.get(t, "/good/"+small, "Range", "bytes=0-99")
	r.head(t, "/gone/"+small)
	r.until(t, "/gone/"+small, "the last answer's end", func(traffic Traffic) bool { return traffic.Open == 0 && traffic.Requests == 1 })
	r.until(t, "/good/"+small, "no answer under way", func(traffic Traffic) bool { return traffic.Open == 0 })
	stats := r.Stats()
	if got := stats.Of(Good, small); got != (Traffic{Requests: 3, RangeRequests: 1, Bytes: 2*1000001 + 100}) {
		t.Errorf("counted %+v", got)
	}
	if got := stats.Of(Slow, small); len(stats) != 2 || got != (Traffic{}) {
		t.Errorf("counted %v, want two paths", stats)
	}
	if answer := r.send(t.Context(), t, http.MethodPut, "/good/"+small); answer.StatusCode == http.StatusOK {
		t.Error("an upload was accepted")
	}
	if answer, err := io.ReadAll(r.send(t.Context(), t, http.MethodGet, "/healthz").Body); err != nil || len(answer) != 0 {
		t.Errorf("/healthz = %q, %v", answer, err)
	}
}
