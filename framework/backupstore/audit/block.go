package audit

import (
	"compress/gzip"
	"context"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pierrec/lz4/v4"
)

// attempts lists how Longhorn tries to read a block: each of lz4 and gzip stands
// in for the other.
func attempts(method string) []string {
	switch method {
	case methodLZ4:
		return []string{methodLZ4, methodGzip}
	case methodGzip:
		return []string{methodGzip, methodLZ4}
	}
	return []string{method}
}

// readBlock reads a block and compares it with the checksum it is named after.
// Its content is in the buffer afterwards, unless that is nil. Content that is
// not the block's is a faulty error.
func readBlock(ctx context.Context, store Store, at folder, sum string, enc encoding, into *buffer) error {
	var unreadable []string
	for _, method := range attempts(enc.method) {
		err := decode(ctx, store, at.block(sum), sum, encoding{method, enc.size}, into)
		var not notEncoded
		if !errors.As(err, &not) {
			return err
		}
		unreadable = append(unreadable, not.Error())
	}
	return faultf("it %s", strings.Join(unreadable, " and "))
}

// notEncoded means that an object is not what a decoder understands.
type notEncoded struct {
	method string
	cause  error
}

func (n notEncoded) Error() string { return fmt.Sprintf("is no %s (%v)", n.method, n.cause) }

// buffer holds the content of one block; a nil one keeps nothing.
type buffer struct{ content []byte }

// Write never fails; decode writes no more than a block and one byte.
func (b *buffer) Write(p []byte) (int, error) {
	if b != nil {
		b.content = append(b.content, p...)
	}
	return len(p), nil
}

// decode reads an object with one method.
func decode(ctx context.Context, store Store, key, sum string, enc encoding, into *buffer) error {
	body, err := store.Get(ctx, key)
	if err != nil {
		return err
	}
	defer body.Close()
	if into != nil {
		into.content = into.content[:0]
	}
	source := &source{from: body}
	hash := sha512.New()
	var size int64
	reader, err := decompress(enc.method, source)
	if err == nil {
		// One byte more than a block tells a longer one.
		size, err = io.Copy(io.MultiWriter(hash, into), io.LimitReader(reader, enc.size+1))
	}
	switch {
	case source.err != nil:
		return fmt.Errorf("cannot read %s: %w", key, source.err)
	case err != nil:
		return notEncoded{enc.method, err}
	case size > enc.size:
		return faultf("it holds more than the %d bytes of a block", enc.size)
	case size < enc.size:
		return faultf("it holds %d bytes instead of the %d of a block", size, enc.size)
	}
	if got := checksum(hash.Sum(nil)); got != sum {
		return faultf("the SHA-512 of its content begins with %s, not with its name", got[:16])
	}
	return nil
}

func decompress(method string, from io.Reader) (io.Reader, error) {
	switch method {
	case methodGzip:
		return gzip.NewReader(from)
	case methodLZ4:
		return lz4.NewReader(from), nil
	}
	return from, nil
}

// source remembers an error of reading, so that a store that fails is not
// mistaken for content that is damaged.
type source struct {
	from io.Reader
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
