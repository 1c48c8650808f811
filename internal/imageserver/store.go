package imageserver

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// store keeps images in a directory, made when they are first asked for. What
// an earlier server has left there is used again.
type store struct {
	dir     string
	mutex   sync.Mutex
	entries map[string]*entry
}

// entry is what is known of one image. Its mutex is held while it is made.
type entry struct {
	mutex sync.Mutex
	sums  *Sums
}

func newStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot use %s for images, give a directory that can be written to: %w", dir, err)
	}
	return &store{dir: dir, entries: map[string]*entry{}}, nil
}

// lock returns the image's entry for this goroutine alone.
func (s *store) lock(name string) *entry {
	s.mutex.Lock()
	if s.entries[name] == nil {
		s.entries[name] = new(entry)
	}
	e := s.entries[name]
	s.mutex.Unlock()
	e.mutex.Lock()
	return e
}

// open returns the image's file. Close it.
func (s *store) open(ctx context.Context, i image) (*os.File, error) {
	defer s.lock(i.name).mutex.Unlock()
	return s.file(i.name, func(w io.Writer) error { return i.write(ctx, w) })
}

// openGzip returns a file with the image compressed. Close it.
func (s *store) openGzip(ctx context.Context, i image) (*os.File, error) {
	defer s.lock(i.name + ".gz").mutex.Unlock()
	return s.file(i.name+".gz", func(w io.Writer) error {
		// Random data, and nobody looks at how small the rest becomes.
		compressed, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // a level that exists
		return errors.Join(i.write(ctx, compressed), compressed.Close())
	})
}

// file opens what write has put into the file of that name, now or before. A file is there whole or not at all.
func (s *store) file(name string, write func(io.Writer) error) (*os.File, error) {
	path := filepath.Join(s.dir, name)
	file, err := os.Open(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if err := s.make(path, write); err != nil {
		return nil, fmt.Errorf("cannot make %s, look for the room left in %s: %w", name, s.dir, err)
	}
	return os.Open(path)
}

func (s *store) make(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(s.dir, "unfinished-")
	if err != nil {
		return err
	}
	if err = errors.Join(write(file), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
