package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"time"
)

// Defaults of Downloader.
const (
	connectTimeout = 10 * time.Second
	idleTimeout    = 30 * time.Second
	redirectLimit  = 5
	attemptLimit   = 5
	// attemptsInAll ends a download that always makes a little progress.
	attemptsInAll = 50

	firstPause = 500 * time.Millisecond
	// pauseDoublings bounds the pause to half a minute.
	pauseDoublings = 6
)

// Downloader fetches files from servers with http or https, without a proxy.
type Downloader struct {
	// Allow are addresses that may be used although they are loopback,
	// link-local, unspecified, multicast, broadcast or a metadata service's. IPv4
	// within IPv6 counts as IPv4. Any other address, private ones too, may be used.
	Allow []netip.Prefix
	// MaxBytes is the size in bytes of the largest file, 0 for no limit.
	MaxBytes int64
	// ConnectTimeout bounds a connection's making, and its TLS handshake; 0 means 10 s.
	ConnectTimeout time.Duration
	// IdleTimeout is how long the server may send nothing; 0 means 30 s.
	IdleTimeout time.Duration
	// MaxRedirects is how many are followed, 0 means 5, less than that none.
	MaxRedirects int
	// Attempts is how many may fail one after another, 0 means 5. One that made
	// progress counts as the first again, yet no more than 50 are made in all.
	Attempts int
	// Pause waits before another attempt, the first time with attempt 1; nil
	// means half a second that doubles up to half a minute.
	Pause func(ctx context.Context, attempt int) error
}

func (d Downloader) withDefaults() Downloader {
	d.ConnectTimeout = cmp.Or(d.ConnectTimeout, connectTimeout)
	d.IdleTimeout = cmp.Or(d.IdleTimeout, idleTimeout)
	d.MaxRedirects = cmp.Or(d.MaxRedirects, redirectLimit)
	d.Attempts = cmp.Or(d.Attempts, attemptLimit)
	if d.Pause == nil {
		d.Pause = pause
	}
	return d
}

func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(firstPause << min(attempt-1, pauseDoublings))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// temporary is a failure after which another attempt may succeed.
type temporary struct{ cause error }

func (t *temporary) Error() string { return t.cause.Error() }
func (t *temporary) Unwrap() error { return t.cause }

// Fetch makes path the file that is at the address, and durable. progress, if
// not nil, is told after each piece how many bytes are there and how many there
// will be, 0 while the server has not said.
//
// What cannot be had now is tried again. What has arrived stays at path, and a
// note of its version beside it, when Fetch fails or the process ends, and a
// later call with the same address and path continues it, if the server still
// has that version; otherwise it starts over. What trying again does not mend is
// Refused and leaves nothing at path: a forbidden address, a file that is too
// large, an answer that says that there is none.
//
// A server that tells neither a length nor the end of the file, as those of
// HTTP/1.0 may, can break off unnoticed: compare the checksum. Errors show the
// address without its query.
func (d Downloader) Fetch(ctx context.Context, address, path string, progress func(done, total int64)) error {
	err := d.fetch(ctx, address, path, progress)
	if errors.As(err, new(*Refused)) {
		return errors.Join(err, removeFile(path), removeFile(notePath(path)))
	}
	return err
}

func (d Downloader) fetch(ctx context.Context, address, path string, progress func(done, total int64)) error {
	from, err := d.parse(address)
	if err != nil {
		return err
	}
	t := newTransfer(d.withDefaults(), from, address, progress)
	if err := t.open(path); err != nil {
		return fmt.Errorf("download %s: %w", displayed(from), err)
	}
	if err := errors.Join(t.run(ctx), t.file.Close()); err != nil {
		return fmt.Errorf("download %s: %w", displayed(from), err)
	}
	return nil
}

// run attempts until the file is complete or nothing is to be hoped for.
func (t *transfer) run(ctx context.Context) error {
	for failures, all := 0, 1; ; all++ {
		before := t.best
		err := t.attempt(ctx)
		switch {
		case err == nil:
			return t.finish()
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !errors.As(err, new(*temporary)):
			return err
		}
		if t.best > before {
			failures = 0
		}
		failures++
		if failures >= t.Attempts || all >= attemptsInAll {
			return fmt.Errorf("gave up after %d attempts with %d bytes: %w; look at the server and at the network between", all, t.done, err)
		}
		if err := t.Pause(ctx, failures); err != nil {
			return err
		}
	}
}

// removeFile removes a file; a missing one is fine.
func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
