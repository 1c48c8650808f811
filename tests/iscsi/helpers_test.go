package iscsi_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// patience is how long anything may take that has no limit of its own.
const patience = 60 * time.Second

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until the condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	late := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited %s for %s in vain", patience, what)
		}
	}
}

// noise returns bytes that nothing else has, the same for a seed.
func noise(seed uint64, bytes int) []byte {
	content := make([]byte, bytes)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(content)
	return content
}

// write writes content at the begin of a device and has it flushed.
func write(t testing.TB, device string, content []byte) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join("/dev", device), os.O_WRONLY, 0)
	must(t, err)
	defer file.Close()
	_, err = file.Write(content)
	must(t, err)
	must(t, file.Sync())
}

// wantSum checks the checksum of the first bytes of a file or device.
func wantSum(t testing.TB, path string, content []byte) {
	t.Helper()
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	sum := sha256.New()
	_, err = io.CopyN(sum, file, int64(len(content)))
	must(t, err)
	if want := sha256.Sum256(content); !bytes.Equal(sum.Sum(nil), want[:]) {
		t.Errorf("%s has not the content that was written", path)
	}
}

// openDirect opens a device past the page cache, so that each write is one to the target.
func openDirect(t testing.TB, device string) *os.File {
	t.Helper()
	file, err := os.OpenFile(filepath.Join("/dev", device), os.O_RDWR|unix.O_DIRECT, 0)
	must(t, err)
	t.Cleanup(func() { file.Close() })
	return file
}

// aligned returns a buffer that may be written past the page cache.
func aligned(bytes int) []byte {
	buffer, err := unix.Mmap(-1, 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	return buffer
}

// backing returns what is behind a loop device, "" when nothing is.
func backing(device string) string {
	content, _ := os.ReadFile(filepath.Join("/sys/block", device, "loop/backing_file"))
	return strings.TrimSpace(string(content))
}

// left lists what sessions have left: processes of qemu, FUSE mounts in any mount namespace.
func left(directory string) (rest []string) {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		status, _ := os.ReadFile(filepath.Join(process, "status"))
		if strings.Contains(string(status), "Name:\tqemu-storage") && !strings.Contains(string(status), "State:\tZ") {
			rest = append(rest, "process "+process)
		}
		mounts, _ := os.ReadFile(filepath.Join(process, "mountinfo"))
		for line := range strings.Lines(string(mounts)) {
			if strings.Contains(line, directory) && strings.Contains(line, " fuse ") {
				rest = append(rest, "mount "+line)
			}
		}
	}
	return rest
}

// wantNothingLeft waits until no session has left anything, the devices included.
func wantNothingLeft(t testing.TB, directory string, backingOf map[string]string) {
	t.Helper()
	var rest []string
	defer func() {
		if t.Failed() {
			t.Logf("left: %q", rest)
		}
	}()
	eventually(t, "nothing to be left", func() bool {
		rest = left(directory)
		for device, file := range backingOf {
			if backing(device) == file {
				rest = append(rest, "loop device "+device)
			}
		}
		return len(rest) == 0
	})
}

func pointer(value *[2]uint64) uintptr { return uintptr(unsafe.Pointer(value)) }

func number(t testing.TB, text string) int {
	t.Helper()
	value, err := strconv.Atoi(text)
	must(t, err)
	return value
}
