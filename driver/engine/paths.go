package engine

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Layout below the pool's root:
//
//	volumes/<volume>/head.img                       what the volume contains now
//	volumes/<volume>/attached                       number of the loop device, while attached
//	volumes/<volume>/snapshots/<snapshot>/data.img  what it contained at the cut
//	volumes/<volume>/snapshots/<snapshot>/meta.json when the cut was and how large the volume was
//	images/<image>/raw.img                          what volumes begin with that are made from the image
//	images/<image>/image.qcow2                      the image in its own format, where that is not raw
//	images/<image>/meta.json                        what the image is, once it was cut or is complete
//
// A volume and a snapshot are directories, so that one rename publishes all of
// their files at once. A name that starts with a dot is unfinished or already
// deleted and is removed by Open.
const (
	headFile     = "head.img"
	attachedFile = "attached"
	dataFile     = "data.img"
	metaFile     = "meta.json"
	tempPrefix   = ".tmp-"
	trashPrefix  = ".deleted-"
	maxNameBytes = 200
	// blockBytes is the granularity of volume sizes, the block of the pool's file system.
	blockBytes = 4096
)

func (e *Engine) volumesDir() string             { return filepath.Join(e.root, "volumes") }
func (e *Engine) volumeDir(v string) string      { return filepath.Join(e.volumesDir(), v) }
func (e *Engine) headPath(v string) string       { return filepath.Join(e.volumeDir(v), headFile) }
func (e *Engine) attachedPath(v string) string   { return filepath.Join(e.volumeDir(v), attachedFile) }
func (e *Engine) snapshotsDir(v string) string   { return filepath.Join(e.volumeDir(v), "snapshots") }
func (e *Engine) snapshotDir(v, s string) string { return filepath.Join(e.snapshotsDir(v), s) }
func (e *Engine) dataPath(v, s string) string    { return filepath.Join(e.snapshotDir(v, s), dataFile) }

// checkName refuses what could leave the pool's directory or collide with unfinished work.
func checkName(kind, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%s name is empty: %w", kind, ErrInvalid)
	case len(name) > maxNameBytes:
		return fmt.Errorf("%s name %q has %d bytes, at most %d fit: %w", kind, name, len(name), maxNameBytes, ErrInvalid)
	case strings.HasPrefix(name, "."), strings.ContainsAny(name, "/\x00"):
		return fmt.Errorf("%s name %q starts with a dot or contains a slash: %w", kind, name, ErrInvalid)
	}
	return nil
}

func checkSize(size int64) error {
	if size <= 0 || size%blockBytes != 0 {
		return fmt.Errorf("size of %d bytes is not a positive multiple of %d: %w", size, blockBytes, ErrInvalid)
	}
	return nil
}

func volumeNotFound(volume string) error {
	return fmt.Errorf("volume %s: %w", volume, ErrNotFound)
}

func snapshotNotFound(volume, snapshot string) error {
	return fmt.Errorf("snapshot %s of volume %s: %w", snapshot, volume, ErrNotFound)
}
