package pattern

import (
	"os"

	"golang.org/x/sys/unix"
)

// dropCached asks the kernel to forget what it holds of f in memory. Advice
// only: a file system that ignores it still returns correct bytes.
func dropCached(f *os.File) {
	_ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}
