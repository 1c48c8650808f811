//go:build linux

package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
	"github.com/muster-csi/muster/framework/components"
)

// imageStores keeps containerd roots with images already imported, one per set
// of images. Importing the whole set takes seconds, sharing the files of a
// prepared root a fraction of one. Roots made from one another share what they
// have in common.
type imageStores struct{ dir string }

// storedImages is the file beside a prepared root that says what is in it:
// reference -> identity of the archive.
const storedImages = "images.json"

// keepStores is how many prepared roots are kept, the least recently used go.
const keepStores = 3

// contents identifies each image by its archive: components keeps an archive
// under a path with the hash of everything it is made from, so path, size and
// time suffice.
func contents(images []components.Image) (map[string]string, error) {
	ids := make(map[string]string, len(images))
	for _, image := range images {
		info, err := os.Stat(image.Tar)
		if err != nil {
			return nil, fmt.Errorf("find the image %s: %w; run make components", image.Ref, err)
		}
		ids[image.Ref] = fmt.Sprintf("%s %d %d", image.Tar, info.Size(), info.ModTime().UnixNano())
	}
	return ids, nil
}

// key names the prepared root of a set of images.
func key(ids map[string]string) string {
	text, _ := json.Marshal(ids) // a map of strings; keys are sorted
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:10])
}

// fill puts the best prepared root into dst and returns the archives that have
// to be imported on top. A root that cannot be used counts as none.
func (s imageStores) fill(dst string, images []components.Image) ([]string, error) {
	ids, err := contents(images)
	if err != nil {
		return nil, err
	}
	unlock, err := s.lock(unix.LOCK_SH)
	if err != nil {
		return nil, err
	}
	defer unlock()
	have := map[string]string{}
	if best, found := s.best(ids); found != nil {
		if err := supervisor.LinkTree(filepath.Join(best, "root"), dst); err != nil {
			return nil, fmt.Errorf("share the prepared images in %s: %w; remove that directory and try again", best, err)
		}
		now := time.Now()
		if err := os.Chtimes(filepath.Join(best, storedImages), now, now); err != nil {
			return nil, err
		}
		have = found
	}
	var missing []string
	for _, image := range images {
		if have[image.Ref] != ids[image.Ref] {
			missing = append(missing, image.Tar)
		}
	}
	return missing, nil
}

// best returns the prepared root with the most of the wanted images and what
// is in it. A root with a reference that is not wanted is left alone: nothing
// would remove that image again.
func (s imageStores) best(ids map[string]string) (string, map[string]string) {
	var dir string
	var contains map[string]string
	most := 0
	for _, candidate := range s.list() {
		have, err := readStored(candidate)
		if err != nil {
			continue
		}
		same, foreign := 0, false
		for ref, id := range have {
			_, wanted := ids[ref]
			foreign = foreign || !wanted
			if ids[ref] == id {
				same++
			}
		}
		if !foreign && same > most {
			dir, contains, most = candidate, have, same
		}
	}
	return dir, contains
}

// keep moves the root that a supervisor prepared into the store and drops the
// least recently used others. Not to be able to is no failure of the cluster:
// the next one imports again.
func (s imageStores) keep(prepared string, images []components.Image) error {
	defer os.RemoveAll(prepared)
	ids, err := contents(images)
	if err != nil {
		return err
	}
	unlock, err := s.lock(unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	final := filepath.Join(s.dir, key(ids))
	if _, err := os.Stat(final); err == nil {
		return nil
	}
	work, err := os.MkdirTemp(s.dir, ".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	err = os.Rename(prepared, filepath.Join(work, "root"))
	if errors.Is(err, unix.EXDEV) {
		err = supervisor.LinkTree(prepared, filepath.Join(work, "root"))
	}
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(ids, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(work, storedImages), text, 0o644); err != nil {
		return err
	}
	if err := syncFS(work); err != nil { // what has its final name is complete, also after a power cut
		return err
	}
	if err := os.Rename(work, final); err != nil {
		return err
	}
	return s.prune()
}

// syncFS writes everything on the file system of dir to the disk.
func syncFS(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}

// prune removes all but the roots used last, and what killed processes left.
func (s imageStores) prune() error {
	unfinished, err := filepath.Glob(filepath.Join(s.dir, ".new-*"))
	if err != nil {
		return err
	}
	for _, dir := range unfinished {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	dirs := s.list()
	used := func(dir string) int64 {
		info, err := os.Stat(filepath.Join(dir, storedImages))
		if err != nil {
			return 0
		}
		return info.ModTime().UnixNano()
	}
	slices.SortFunc(dirs, func(a, b string) int { return int(used(b)>>20 - used(a)>>20) })
	for _, dir := range dirs[min(keepStores, len(dirs)):] {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// list returns the prepared roots' directories.
func (s imageStores) list() []string {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			dirs = append(dirs, filepath.Join(s.dir, e.Name()))
		}
	}
	return dirs
}

func readStored(dir string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, storedImages))
	if err != nil {
		return nil, err
	}
	have := map[string]string{}
	return have, json.Unmarshal(text, &have)
}

// lock keeps pruning and sharing apart; the kernel drops it with the process.
func (s imageStores) lock(how int) (func(), error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the cache of prepared images: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(s.dir, ".lock"), os.O_CREATE|os.O_RDWR, fs.FileMode(0o600))
	if err != nil {
		return nil, fmt.Errorf("lock the cache of prepared images: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock the cache of prepared images: %w", err)
	}
	return func() { f.Close() }, nil
}
