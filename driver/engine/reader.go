package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Reader reads the snapshots of a data directory, also while an engine of
// another process has it open. It changes nothing and takes no lock: a snapshot
// never changes, and one that is deleted meanwhile stays readable for whoever
// has opened it.
type Reader struct{ engine *Engine }

// OpenReader returns a Reader of the data directory that an engine has made.
func OpenReader(dir string) (*Reader, error) {
	e := &Engine{dir: dir, root: dir}
	if exists(filepath.Join(dir, imageFile)) {
		e.root = filepath.Join(dir, "pool")
	} else if reflink, err := shares(dir); err != nil {
		return nil, fmt.Errorf("read data directory %s: %w", dir, err)
	} else {
		e.copies = !reflink
	}
	if !exists(e.volumesDir()) {
		return nil, fmt.Errorf("data directory %s has no pool: is the driver running on this node? %w", dir, fs.ErrNotExist)
	}
	return &Reader{e}, nil
}

// Has reports whether the snapshot exists.
func (r *Reader) Has(volume, snapshot string) bool {
	_, err := r.engine.Snapshot(volume, snapshot)
	return err == nil
}

// Open opens the data of a snapshot for reading; its size is the volume's at
// the cut. A missing one is ErrNotFound.
func (r *Reader) Open(volume, snapshot string) (*os.File, error) {
	return r.engine.openSnapshot(volume, snapshot)
}

// Delta is Engine.Delta. A snapshot that is deleted before it was opened is ErrNotFound.
func (r *Reader) Delta(volume, from, to string) ([]Extent, error) {
	return r.engine.delta(volume, from, to)
}

// Newest returns the snapshot of the volume that was cut last, apart from one,
// or ErrNotFound when there is none.
func (r *Reader) Newest(volume, except string) (SnapshotInfo, error) {
	snapshots, err := r.engine.Snapshots(volume)
	if err != nil {
		return SnapshotInfo{}, err
	}
	var newest SnapshotInfo
	for _, snapshot := range snapshots {
		if snapshot.Name != except && snapshot.CreatedAt.After(newest.CreatedAt) {
			newest = snapshot
		}
	}
	if newest.Name == "" {
		return SnapshotInfo{}, errors.Join(ErrNotFound, fmt.Errorf("volume %s has no other snapshot", volume))
	}
	return newest, nil
}
