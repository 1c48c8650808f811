package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
)

// NewDir returns the backup target in a directory, for example in a mounted NFS
// share. One that is not there is an error: it is a typing error or no mount.
func NewDir(path string) (Store, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the backup target: %w: mount the share or correct the path", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no directory: give the one that holds the folder backupstore", path)
	}
	return dir{path: path, files: os.DirFS(path)}, nil
}

type dir struct {
	path  string
	files fs.FS
}

// errStop ends a walk whose caller wants no more.
var errStop = errors.New("stop")

// List implements Store. Everything that is no directory is an object.
func (d dir) List(ctx context.Context, folder string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		err := fs.WalkDir(d.files, strings.TrimSuffix(folder, "/"), func(key string, entry fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// What vanishes between being seen and being read has been deleted.
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil && !yield(Object{Key: key, Size: info.Size(), Modified: info.ModTime()}, nil) {
				return errStop
			}
			return err
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(Object{}, fmt.Errorf("cannot list %s in %s: %w", folder, d.path, err))
		}
	}
}

// Get implements Store.
func (d dir) Get(_ context.Context, key string) (io.ReadCloser, error) {
	file, err := d.files.Open(key)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s in %s: %w", key, d.path, err)
	}
	return file, nil
}
