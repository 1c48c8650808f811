package imageserver

import (
	"math"
	"net"
	"net/http"
	"strconv"
)

func (q *request) truncated() error {
	if !q.strikes() {
		return q.good()
	}
	return q.content(&halved{ResponseWriter: q.w, left: math.MaxInt64, after: q.breakOff})
}

func (q *request) hang() error {
	if !q.strikes() {
		return q.good()
	}
	return q.content(&halved{ResponseWriter: q.w, left: math.MaxInt64, after: func() {
		_ = http.NewResponseController(q.w).Flush() // a client that has gone ends the wait
		<-q.Context().Done()
		panic(http.ErrAbortHandler)
	}})
}

// strikes is whether a GET from this address meets the path's fault. Another port is the same address.
func (q *request) strikes() bool {
	if q.Method != http.MethodGet {
		return false
	}
	host, _, _ := net.SplitHostPort(q.RemoteAddr) // net/http always gives host:port
	return q.server.counts.strikes(host+q.URL.Path, q.number)
}

// halved sends half of the body that is announced, and then calls after, which does not return.
type halved struct {
	http.ResponseWriter
	left  int64
	after func()
}

// WriteHeader looks for the length. Answers other than the image, or a part of it, stay whole.
func (h *halved) WriteHeader(status int) {
	if status == http.StatusOK || status == http.StatusPartialContent {
		if length, err := strconv.ParseInt(h.Header().Get("Content-Length"), 10, 64); err == nil {
			h.left = length / 2
		}
	}
	h.ResponseWriter.WriteHeader(status)
}

func (h *halved) Write(from []byte) (int, error) {
	over := int64(len(from)) > h.left
	n, err := h.ResponseWriter.Write(from[:min(int64(len(from)), h.left)])
	h.left -= int64(n)
	if over && err == nil {
		h.after()
	}
	return n, err
}
