package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
)

const (
	pieceBytes = 256 << 10
	// answerBytes bounds what a server's header can make the driver keep.
	answerBytes = 64 << 10
	// unknown is a length that the server has not told.
	unknown = -1
)

// transfer is one call of Fetch.
type transfer struct {
	Downloader
	address   *url.URL
	transport *http.Transport
	progress  func(done, total int64)

	path string
	file *os.File
	note note  // of the version that the file has the begin of
	done int64 // bytes of it
	best int64 // the most bytes of any version that there were
}

func newTransfer(d Downloader, address *url.URL, text string, progress func(done, total int64)) *transfer {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	dialer := &net.Dialer{Timeout: d.ConnectTimeout, ControlContext: d.control}
	return &transfer{
		Downloader: d, address: address, progress: progress,
		note: note{Address: digest(text), Total: unknown},
		transport: &http.Transport{
			// A proxy would resolve the name itself, unchecked.
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    d.ConnectTimeout,
			DisableCompression:     true,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: answerBytes,
		},
	}
}

// open takes over what an earlier call has left at path.
func (t *transfer) open(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	t.path, t.file = path, file
	if left, ok := readNote(path); ok && left.Address == t.note.Address {
		t.note, t.done = left, info.Size()
	}
	if t.note.Total > 0 {
		// Of a complete file the last byte is asked for again: that there is no
		// byte behind it does not tell whether the server has this version.
		t.done = min(t.done, t.note.Total-1)
	}
	t.best = t.done
	return nil
}

// attempt asks the server for what is missing.
func (t *transfer) attempt(ctx context.Context) error {
	ctx, idle := watchIdle(ctx, t.IdleTimeout)
	defer idle.end()
	response, err := t.get(ctx, idle)
	if err != nil {
		return err
	}
	if t.continues() && t.outdated(response) {
		response.Body.Close()
		if err := t.restart(note{Address: t.note.Address, Total: unknown}); err != nil {
			return err
		}
		if response, err = t.get(ctx, idle); err != nil {
			return err
		}
	}
	defer response.Body.Close()
	if err := t.accept(response); err != nil {
		return err
	}
	return t.receive(ctx, &watched{response.Body, idle})
}

// accept decides from the header whether the body is what is wanted.
func (t *transfer) accept(response *http.Response) error {
	if err := checkStatus(response.StatusCode, t.continues()); err != nil {
		return err
	}
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return refuse("the server encodes the file as %q although it was asked not to: let it send the file as it is", encoding)
	}
	if response.StatusCode == http.StatusPartialContent {
		_, total, _ := contentRange(response.Header)
		t.note.Total = max(t.note.Total, total) // one of them may be unknown
		return t.checkSize(t.note.Total)
	}
	if err := t.checkSize(response.ContentLength); err != nil {
		return err
	}
	return t.restart(note{Address: t.note.Address, Validator: validator(response.Header), Total: response.ContentLength})
}

func (t *transfer) checkSize(bytes int64) error {
	if t.MaxBytes > 0 && bytes > t.MaxBytes {
		return refuse("the file has %d bytes or more, at most %d are allowed: use a smaller image, or raise the driver's --download-limit", bytes, t.MaxBytes)
	}
	return nil
}

// receive appends the body to the file.
func (t *transfer) receive(ctx context.Context, body io.Reader) error {
	piece := make([]byte, pieceBytes)
	for {
		n, err := body.Read(piece)
		if err := t.write(piece[:n]); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF):
			return t.checkEnd()
		case err != nil:
			return passing(ctx, err)
		}
	}
}

func (t *transfer) write(piece []byte) error {
	if len(piece) == 0 {
		return nil
	}
	end := t.done + int64(len(piece))
	if err := t.checkSize(end); err != nil {
		return err
	}
	if t.note.Total != unknown && end > t.note.Total {
		return &temporary{fmt.Errorf("the server sent more than the %d bytes that it announced", t.note.Total)}
	}
	n, err := t.file.WriteAt(piece, t.done)
	t.done += int64(n)
	t.best = max(t.best, t.done)
	if err != nil {
		return err
	}
	t.progress(t.done, max(t.note.Total, 0))
	return nil
}

// checkEnd finds a body that is shorter than the file.
func (t *transfer) checkEnd() error {
	if t.note.Total != unknown && t.done != t.note.Total {
		return &temporary{fmt.Errorf("the server sent %d of %d bytes: %w", t.done, t.note.Total, io.ErrUnexpectedEOF)}
	}
	return nil
}

// restart empties the file for a version of which nothing is there yet. The note
// goes first and comes last, so that it never describes what is not of its version.
func (t *transfer) restart(next note) error {
	if err := removeFile(notePath(t.path)); err != nil {
		return err
	}
	if err := errors.Join(t.file.Truncate(0), t.file.Sync()); err != nil {
		return err
	}
	t.note, t.done = next, 0
	return t.note.write(t.path)
}

// finish makes the file durable, then drops the note.
func (t *transfer) finish() error {
	if err := errors.Join(t.file.Truncate(t.done), t.file.Sync()); err != nil {
		return err
	}
	t.progress(t.done, t.done)
	return removeFile(notePath(t.path))
}
