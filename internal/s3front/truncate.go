package s3front

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// errTruncated ends a body on purpose.
var errTruncated = errors.New("the body is truncated on purpose")

// halfBody is the first half of a body. After it comes errTruncated in place of io.EOF.
type halfBody struct {
	io.Closer
	half io.Reader
	// reached is set when the half has been read to its end.
	reached bool
}

// newHalfBody takes the length of the body in bytes; of one of unknown length,
// -1, the half is nothing.
func newHalfBody(body io.ReadCloser, length int64) *halfBody {
	return &halfBody{Closer: body, half: io.LimitReader(body, max(0, length/2))}
}

func (b *halfBody) Read(into []byte) (int, error) {
	n, err := b.half.Read(into)
	if errors.Is(err, io.EOF) {
		b.reached = true
		return n, errTruncated
	}
	return n, err
}

// halfUploads is a transport that sends the head and half of the body to the
// store, and always fails, with errTruncated if all went as wanted. A request
// without body, which has no half, is not sent. The transport exists since
// http.Transport would keep the half back in its buffer.
type halfUploads struct {
	host string
	tls  *tls.Config
}

// RoundTrip returns when the store has seen the end of the half.
func (h halfUploads) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return nil, errTruncated
	}
	conn, err := (&tls.Dialer{Config: h.tls}).DialContext(r.Context(), "tcp", h.host)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(r.Context(), func() { conn.Close() })()
	if err := sendHalf(conn, r); err != nil {
		return nil, fmt.Errorf("cannot send half of a body to the store: %w", err)
	}
	return nil, errTruncated
}

func sendHalf(conn net.Conn, r *http.Request) error {
	request, body := r.Clone(r.Context()), newHalfBody(r.Body, r.ContentLength)
	request.Body = body
	out := bufio.NewWriter(conn)
	// Write hides what the body's error was.
	if err := request.Write(out); err != nil && !body.reached {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := conn.(*tls.Conn).CloseWrite(); err != nil {
		return err
	}
	// To the end of the connection: closing it before would discard what the store
	// has not read yet.
	_, err := io.Copy(io.Discard, conn)
	return err
}

// prompt sends the head of an answer at once, also when no body follows it.
type prompt struct{ http.ResponseWriter }

// WriteHeader writes the head and sends it.
func (p prompt) WriteHeader(status int) {
	p.ResponseWriter.WriteHeader(status)
	_ = http.NewResponseController(p.ResponseWriter).Flush() // a client that has gone needs no answer
}

// Unwrap lets the other methods of the writer be found.
func (p prompt) Unwrap() http.ResponseWriter { return p.ResponseWriter }
