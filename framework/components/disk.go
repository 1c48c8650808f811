package components

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const (
	// spacePerThing is what building one thing takes at most on average, in
	// bytes: its binary and image, and Go's caches of sources and objects.
	spacePerThing = 256 << 20
	// spaceAll is what building everything from nothing takes, in bytes.
	spaceAll = 6 << 30
)

// checkSpace returns an error unless every directory lies on a file system
// with room for building that many things.
func checkSpace(things int, dirs ...string) error {
	need := min(int64(things)*spacePerThing, spaceAll)
	for _, dir := range dirs {
		free, err := freeSpace(dir)
		if err != nil {
			return fmt.Errorf("find the free space for %s: %w", dir, err)
		}
		if free < need {
			return fmt.Errorf("building what is missing needs %.1f GiB free where %s lies and only %.1f GiB are: make room, or set MUSTER_CACHE, GOCACHE and GOMODCACHE to directories on another disk",
				gib(need), dir, gib(free))
		}
	}
	return nil
}

// freeSpace returns the bytes an unprivileged user may still write where dir
// lies, or will lie once it is made.
func freeSpace(dir string) (int64, error) {
	for {
		var fs unix.Statfs_t
		err := unix.Statfs(dir, &fs)
		if err == nil {
			return int64(fs.Bavail) * int64(fs.Bsize), nil
		}
		if !os.IsNotExist(err) || dir == filepath.Dir(dir) {
			return 0, err
		}
		dir = filepath.Dir(dir)
	}
}

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }
