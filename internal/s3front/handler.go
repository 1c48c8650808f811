package s3front

import (
	"bytes"
	"io"
	"net/http"
)

// heldBody is how much of the body of a held request is taken from the client,
// in bytes. Longhorn's blocks are smaller. A client that has sent its whole body
// can be seen to go away.
const heldBody = 32 << 20

// ServeHTTP counts the request and does with it what the fault in force wants.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, class := target(r)
	f.judge.arrived(class, r.Method)
	r.Body = &readCloser{Closer: r.Body, Reader: counted{r.Body, func(n int) { f.judge.moved(n, 0) }}}
	for {
		kind, over := f.judge.verdict(r.Method, key)
		if kind != "" && kind != Slow {
			f.log.Printf("%s %s meets fault %s", r.Method, r.URL.Path, kind)
		}
		if kind != Hold {
			f.strike(w, r, kind, over)
			return
		}
		f.hold(r, over)
	}
}

// strike ends the request in the manner of the fault.
func (f *Front) strike(w http.ResponseWriter, r *http.Request, kind Kind, over <-chan struct{}) {
	switch kind {
	case Unavailable, ClockSkew, StorageFull:
		answers[kind].send(w, r)
	case TruncateDownload:
		f.halfDown.ServeHTTP(prompt{w}, r)
	case TruncateUpload:
		f.halfUp.ServeHTTP(w, r)
	case Aged:
		f.dated.ServeHTTP(w, r)
	case Hang:
		f.hold(r, over)
		// Its connection ends with the fault.
		panic(http.ErrAbortHandler)
	case Reset, Refuse:
		f.reset(r)
	default:
		f.through.ServeHTTP(w, r)
	}
}

// reset ends the request and its connection with a TCP RST. It does not return.
func (f *Front) reset(r *http.Request) {
	f.links.pairs.resetOf(r.RemoteAddr)
	panic(http.ErrAbortHandler)
}

// hold returns when the fault is over. It ends the request when the client goes
// away before.
func (f *Front) hold(r *http.Request, over <-chan struct{}) {
	if err := takeBody(r); err != nil {
		panic(http.ErrAbortHandler)
	}
	f.judge.waits(1)
	defer f.judge.waits(-1)
	select {
	case <-over:
	case <-r.Context().Done():
	}
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler)
	}
}

// takeBody moves the request's body, up to heldBody, from the connection into
// memory, so that net/http notices when the client goes away.
func takeBody(r *http.Request) error {
	taken, err := io.ReadAll(io.LimitReader(r.Body, heldBody))
	if err != nil {
		return err
	}
	r.Body = &readCloser{Reader: io.MultiReader(bytes.NewReader(taken), r.Body), Closer: r.Body}
	return nil
}
