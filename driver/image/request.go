package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// get asks for the file, or for its rest, and follows redirects. They are
// followed here and not by package http, so that each is checked and no address
// is told to the next server or in an error.
func (t *transfer) get(ctx context.Context, idle *idle) (*http.Response, error) {
	from := t.address
	for hops := 0; ; hops++ {
		response, err := t.ask(ctx, idle, from)
		if err != nil || !redirects(response.StatusCode) {
			return response, err
		}
		response.Body.Close()
		if hops >= t.MaxRedirects {
			return nil, refuse("the server redirects more than %d times, last from %s: use the URL where it leads to", max(t.MaxRedirects, 0), displayed(from))
		}
		if from, err = t.redirect(from, response.Header.Get("Location")); err != nil {
			return nil, err
		}
	}
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirect returns where a redirect leads to.
func (t *transfer) redirect(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	switch {
	case err != nil || location == "":
		return nil, refuse("the server redirects from %s to what is no URL: use the URL where the file is", displayed(from))
	case from.Scheme == "https" && to.Scheme == "http":
		return nil, refuse("the server redirects from %s to %s, without encryption: use one that stays with https", displayed(from), displayed(to))
	}
	if err := t.checkAddress(to); err != nil {
		return nil, fmt.Errorf("the server redirects from %s to %s: %w", displayed(from), displayed(to), err)
	}
	return to, nil
}

// continues reports whether the rest of a version is asked for, and not the whole.
func (t *transfer) continues() bool { return t.done > 0 && t.note.Validator != "" }

// ask makes one request.
func (t *transfer) ask(ctx context.Context, idle *idle, address *url.URL) (*http.Response, error) {
	request := (&http.Request{Method: http.MethodGet, URL: address, Host: address.Host, Header: http.Header{}}).WithContext(ctx)
	request.Header.Set("Accept-Encoding", "identity")
	if t.continues() {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(t.done, 10)+"-")
		request.Header.Set("If-Range", t.note.Validator)
	}
	idle.begin()
	defer idle.rest()
	response, err := t.transport.RoundTrip(request)
	if err != nil {
		return nil, passing(ctx, err)
	}
	return response, nil
}

// outdated reports whether the answer to a request for the rest is not that rest.
func (t *transfer) outdated(response *http.Response) bool {
	switch response.StatusCode {
	case http.StatusRequestedRangeNotSatisfiable:
		return true
	case http.StatusPartialContent:
		return !t.note.continuedBy(response.Header, t.done)
	}
	return false
}

// checkStatus decides whether the answer is the file, its rest, or why not.
func checkStatus(status int, continues bool) error {
	answer := fmt.Sprintf("the server answered %d %s", status, http.StatusText(status))
	switch {
	case status == http.StatusOK, status == http.StatusPartialContent && continues:
		return nil
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return &temporary{errors.New(answer)}
	case status >= 400:
		return refuse("%s: look whether the URL is right, has expired or needs a login", answer)
	}
	return refuse("%s, which is not the file: use a URL that is answered with it", answer)
}

// passing makes an error of the network one after which to try again, unless
// the connection was refused here. What ended the context is the cause.
func passing(ctx context.Context, err error) error {
	var refused *Refused
	if errors.As(err, &refused) {
		return refused
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return &temporary{err}
}
