package release

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"strings"
)

// writeTar writes a tar with one file, compressed where its name says so.
func writeTar(file, entry string, content []byte) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	var out io.Writer = f
	closers := []io.Closer{f}
	if strings.HasSuffix(file, ".gz") {
		compressed := gzip.NewWriter(f)
		out, closers = compressed, append(closers, compressed)
	}
	w := tar.NewWriter(out)
	closers = append(closers, w)
	defer func() {
		for i := len(closers) - 1; i >= 0; i-- {
			err = errors.Join(err, closers[i].Close())
		}
	}()
	if err := w.WriteHeader(&tar.Header{Name: entry, Mode: 0o644, Size: int64(len(content))}); err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}
