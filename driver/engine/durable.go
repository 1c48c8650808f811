package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// syncPath makes what a file or directory contains survive a power failure.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return nil
}

// writeSynced writes a new file and syncs its content, not its directory.
func writeSynced(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Sync()
}

// publish lets a finished directory appear under its final name, for good.
func publish(temp, final string) error {
	if err := syncPath(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, final); err != nil {
		return err
	}
	return syncPath(filepath.Dir(final))
}

// discard lets a directory disappear at once and for good, then frees its
// blocks. A missing one is fine.
func discard(path string) error {
	parent, name := filepath.Split(path)
	trash := filepath.Join(parent, trashPrefix+strconv.FormatInt(time.Now().UnixNano(), 36)+"-"+name)
	if err := os.Rename(path, trash); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if err := syncPath(parent); err != nil {
		return err
	}
	return os.RemoveAll(trash)
}

// freshTemp makes an empty directory for unfinished work beside final.
func freshTemp(final string) (string, error) {
	temp := filepath.Join(filepath.Dir(final), tempPrefix+filepath.Base(final))
	if err := os.RemoveAll(temp); err != nil {
		return "", err
	}
	return temp, os.Mkdir(temp, 0o700)
}

// sweepLeftovers removes what an earlier process began and did not finish, or
// deleted and did not free.
func (e *Engine) sweepLeftovers() error {
	if err := errors.Join(removeUnfinished(e.volumesDir()), removeUnfinished(e.imagesDir())); err != nil {
		return err
	}
	volumes, err := e.Volumes()
	if err != nil {
		return err
	}
	for _, volume := range volumes {
		for _, dir := range []string{e.volumeDir(volume), e.snapshotsDir(volume)} {
			if err := removeUnfinished(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeUnfinished(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), tempPrefix) && !strings.HasPrefix(entry.Name(), trashPrefix) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return fmt.Errorf("remove leftover: %w", err)
		}
	}
	return nil
}

// namesIn lists the finished entries of a directory in order.
func namesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}
