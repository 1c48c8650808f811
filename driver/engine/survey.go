package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/engine/loop"
)

// Contents is what a data directory holds.
type Contents struct {
	// Volumes are all volumes; Device is set for those with a loop device, whoever holds it.
	Volumes []VolumeInfo
	// Snapshots are the snapshots of all volumes.
	Snapshots []SnapshotInfo
	// Images are the names of all images, unfinished ones too.
	Images []string
	// Unfinished are the paths of what was begun and not finished, or deleted and not freed yet.
	Unfinished []string
	// Loops are the loop devices with files of the directory, the pool image's included.
	Loops []loop.Info
	// Pool is where the pool image is mounted; empty when there is none.
	Pool string
}

// Survey reads what a data directory holds without changing anything, also
// while an engine has it open. A directory that is missing or was never opened
// is empty.
func Survey(dir string) (Contents, error) {
	e := &Engine{dir: dir, root: dir}
	var contents Contents
	if exists(filepath.Join(dir, imageFile)) {
		e.root = filepath.Join(dir, "pool")
		contents.Pool = e.root
	}
	if err := e.surveyFiles(&contents); err != nil {
		return Contents{}, fmt.Errorf("survey data directory %s: %w", dir, err)
	}
	if err := e.surveyLoops(&contents); err != nil {
		return Contents{}, fmt.Errorf("survey loop devices of %s: %w", dir, err)
	}
	return contents, nil
}

func (e *Engine) surveyFiles(contents *Contents) error {
	names, err := namesIn(e.volumesDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if contents.Images, err = e.Images(); err != nil {
		return err
	}
	for _, name := range names {
		info, err := e.Volume(name)
		if errors.Is(err, ErrNotFound) {
			continue // deleted since it was listed
		}
		if err != nil {
			return err
		}
		snapshots, err := e.Snapshots(name)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		contents.Volumes = append(contents.Volumes, info)
		contents.Snapshots = append(contents.Snapshots, snapshots...)
	}
	for _, prefix := range []string{tempPrefix, trashPrefix} {
		for _, place := range []string{"volumes", "volumes/*", "volumes/*/snapshots", "images", "images/*"} {
			found, err := filepath.Glob(filepath.Join(e.root, place, prefix+"*"))
			if err != nil {
				return err
			}
			contents.Unfinished = append(contents.Unfinished, found...)
		}
	}
	return nil
}

// inode names a file on this machine, whatever its paths are.
type inode struct{ device, number uint64 }

func inodeOf(path string) (inode, error) {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return inode{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return inode{stat.Dev, stat.Ino}, nil
}

// surveyLoops finds the loop devices by inode: a path means something only in
// the mount namespace that made the device.
func (e *Engine) surveyLoops(contents *Contents) error {
	ours := make(map[inode]int) // index of the volume, or -1 for the image
	for i, volume := range contents.Volumes {
		if file, err := inodeOf(e.headPath(volume.Name)); err == nil {
			ours[file] = i
		}
	}
	var pool inode
	if contents.Pool != "" {
		root, err := inodeOf(contents.Pool)
		image, imageErr := inodeOf(filepath.Join(e.dir, imageFile))
		if err := errors.Join(err, imageErr); err != nil {
			return err
		}
		ours[image] = -1
		if root.device != image.device { // mounted: all of its files are ours, deleted ones too
			pool = root
		}
	}
	attached, err := loop.List()
	if err != nil {
		return err
	}
	for _, info := range attached {
		base := filepath.Base(info.BackingFile)
		if base != headFile && base != imageFile {
			continue
		}
		device, number, err := loop.File(info.Number)
		if err != nil {
			continue // detached since it was listed
		}
		i, known := ours[inode{device, number}]
		if !known && (pool == inode{} || device != pool.device) {
			continue
		}
		contents.Loops = append(contents.Loops, info)
		if known && i >= 0 {
			contents.Volumes[i].Device = info.Path()
		}
	}
	return nil
}
