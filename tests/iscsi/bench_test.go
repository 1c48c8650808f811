package iscsi_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// benchBytes is what is written and read in one go.
const benchBytes = 256 * mib

// disk is a block device to measure. Each call of fresh gives it with nothing of it in any cache.
type disk struct {
	name  string
	fresh func(b *testing.B) (device string)
}

func BenchmarkSequential(b *testing.B) {
	directory := begin(b)
	one := newTarget(b, 1, "one", benchBytes)
	startTgt(b, one)
	i := startInitiator(b, directory)
	i.do("-m discovery -t sendtargets -p " + address)
	disks := []disk{
		{"iscsi", func(b *testing.B) string {
			i.adm("-m node -T " + one.name + " --logout") // there is none at first
			forget(b, one.image)
			return filepath.Join("/dev", i.login(one))
		}},
		{"loop", func(b *testing.B) string { return plainLoop(b, one.image) }},
	}
	for _, each := range disks {
		b.Run(each.name+"/write", func(b *testing.B) { benchmark(b, each, writeAll) })
		b.Run(each.name+"/read", func(b *testing.B) { benchmark(b, each, readAll) })
	}
}

func benchmark(b *testing.B, measured disk, do func(b *testing.B, device string)) {
	var took time.Duration
	for b.Loop() {
		b.StopTimer()
		device := measured.fresh(b)
		b.StartTimer()
		begun := time.Now()
		do(b, device)
		took += time.Since(begun)
	}
	b.ReportMetric(float64(b.N)*benchBytes/mib/took.Seconds(), "MiB/s")
}

// writeAll writes the device through the page cache and flushes it.
func writeAll(b *testing.B, device string) {
	file, err := os.OpenFile(device, os.O_WRONLY, 0)
	must(b, err)
	defer file.Close()
	block := noise(1, mib)
	for range benchBytes / mib {
		_, err := file.Write(block)
		must(b, err)
	}
	must(b, file.Sync())
}

func readAll(b *testing.B, device string) {
	file, err := os.Open(device)
	must(b, err)
	defer file.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{file}, make([]byte, mib))
	must(b, err)
}

// plainLoop attaches the file without anything between; it goes with the benchmark.
func plainLoop(b *testing.B, image string) string {
	forget(b, image)
	output, err := exec.Command("losetup", "--find", "--show", image).Output()
	must(b, err)
	device := strings.TrimSpace(string(output))
	b.Cleanup(func() { must(b, exec.Command("losetup", "--detach", device).Run()) })
	return device
}

// forget drops what the kernel has of a file in its cache.
func forget(b *testing.B, path string) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	must(b, err)
	defer file.Close()
	must(b, file.Sync())
	must(b, unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED))
}

// BenchmarkLogin measures iscsiadm --login alone, the start of the program included.
func BenchmarkLogin(b *testing.B) {
	directory := begin(b)
	one := newTarget(b, 1, "one", mib)
	startTgt(b, one)
	i := startInitiator(b, directory)
	i.do("-m discovery -t sendtargets -p " + address)
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		i.do("-m node -T " + one.name + " --login")
		took = append(took, time.Since(begun))
		b.StopTimer()
		i.logout(one)
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
}
