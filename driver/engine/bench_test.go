package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkSnapshot measures a whole CreateSnapshot and, as cut-ms, the cut
// alone, for a mounted ext4 volume of 1 GiB with 256 MiB written and 4 MiB
// overwritten before each.
func BenchmarkSnapshot(b *testing.B) {
	e := openPooled(b, b.TempDir())
	must(b, e.CreateVolume(b.Context(), "a", 1<<30))
	device, err := e.Attach(b.Context(), "a")
	must(b, err)
	run(b, "mkfs.ext4", "-q", "-b", "4096", device)
	mountpoint := b.TempDir()
	must(b, unix.Mount(device, mountpoint, "ext4", 0, ""))
	b.Cleanup(func() { unix.Unmount(mountpoint, 0) })
	file := filepath.Join(mountpoint, "f")
	must(b, os.WriteFile(file, nil, 0o600))
	for i := range 256 {
		writeTo(b, file, int64(i)*mib, pattern(uint64(i), mib))
	}
	var cut time.Duration
	n := 0
	for b.Loop() {
		b.StopTimer()
		n++
		writeTo(b, file, int64(n%64)*4*mib, pattern(uint64(n), 4*mib))
		b.StartTimer()
		_, err := e.CreateSnapshot(b.Context(), "a", fmt.Sprint("s", n))
		must(b, err)
		b.StopTimer()
		start := time.Now()
		must(b, e.duplicate(e.headPath("a"), filepath.Join(e.root, "cut")))
		cut += time.Since(start)
		must(b, os.Remove(filepath.Join(e.root, "cut")))
		must(b, e.DeleteSnapshot(b.Context(), "a", fmt.Sprint("s", n)))
		b.StartTimer()
	}
	b.ReportMetric(float64(cut.Milliseconds())/float64(n), "cut-ms")
}

// BenchmarkRestore measures a restore of 1 GiB with 256 MiB written.
func BenchmarkRestore(b *testing.B) {
	e := openPooled(b, b.TempDir())
	must(b, e.CreateVolume(b.Context(), "a", 1<<30))
	for i := range 256 {
		writeHead(b, e, "a", int64(i)*mib, pattern(uint64(i), mib))
	}
	_, err := e.CreateSnapshot(b.Context(), "a", "s")
	must(b, err)
	n := 0
	for b.Loop() {
		n++
		must(b, e.CloneVolume(b.Context(), fmt.Sprint("r", n), 1<<30, Source{Volume: "a", Snapshot: "s"}))
	}
}
