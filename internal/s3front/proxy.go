package s3front

import (
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// proxy returns a handler that passes requests on to the store as they are, by
// way of the transport. Each answer goes through shape first.
func (f *Front) proxy(store *url.URL, transport http.RoundTripper, shape func(*http.Response)) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = store.Scheme, store.Host
			// Both are part of what the client has signed.
			r.Out.Host = r.In.Host
			r.Out.URL.RawQuery = r.In.URL.RawQuery
		},
		Transport: transport,
		// What the store has sent is not kept back, least of all before a truncation.
		FlushInterval: -1,
		ModifyResponse: func(r *http.Response) error {
			shape(r)
			return nil
		},
		ErrorHandler: f.unreached,
		ErrorLog:     f.log,
	}
}

// asIs leaves the answer alone except for counting its bytes.
func (f *Front) asIs(r *http.Response) {
	r.Body = &readCloser{Closer: r.Body, Reader: counted{r.Body, func(n int) { f.judge.moved(0, n) }}}
}

// halved leaves the announced length and takes away half of the body.
func (f *Front) halved(r *http.Response) {
	f.asIs(r)
	r.Body = newHalfBody(r.Body, r.ContentLength)
}

// unreached ends a request that got no answer from the store.
func (f *Front) unreached(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errTruncated) {
		f.reset(r)
	}
	if r.Context().Err() == nil {
		f.log.Printf("%s %s got no answer from the store: %v", r.Method, r.URL.Path, err)
	}
	w.WriteHeader(http.StatusBadGateway)
}

type readCloser struct {
	io.Reader
	io.Closer
}

// counted reports how much is read.
type counted struct {
	io.Reader
	moved func(int)
}

func (c counted) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	c.moved(n)
	return n, err
}
