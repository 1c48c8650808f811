package mount

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/moby/sys/mountinfo"
)

// content is reproducible and unlike itself.
func content(seed uint64, size int) []byte {
	data := make([]byte, size)
	source := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = source.Read(data)
	return data
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesOfManyMegabytesKeepTheirContent(t *testing.T) {
	s := startServer(t, "1,2")
	dir, other := s.mount("nfsvers=4.2"), s.mount("nfsvers=4.1")
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			name, data := fmt.Sprintf("file-%d", i), content(uint64(i), 5<<20+i*4099)
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o640); err != nil {
				t.Error(err)
				return
			}
			for _, where := range []string{s.dir, other, dir} {
				got, err := os.ReadFile(filepath.Join(where, name))
				if err != nil || sha256.Sum256(got) != sha256.Sum256(data) {
					t.Errorf("%s in %s: %d bytes, %v, want the %d that were written", name, where, len(got), err, len(data))
				}
			}
		})
	}
	all.Wait()
}

func TestPartsOfAFileAreChanged(t *testing.T) {
	s := startServer(t, "1,2")
	path := filepath.Join(s.mount("nfsvers=4.2"), "file")
	want := content(1, 3<<20)
	must(t, os.WriteFile(path, want, 0o600))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	for _, offset := range []int{1, 4095, 1 << 20, 3<<20 - 5} {
		part := content(uint64(offset), 100)
		_, err := f.WriteAt(part, int64(offset))
		must(t, err)
		want = append(want[:offset], append(part, want[min(len(want), offset+100):]...)...)
	}
	must(t, f.Sync())
	got, err := os.ReadFile(filepath.Join(s.dir, "file"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("after fsync the server has %d other bytes, %v", len(got), err)
	}
	must(t, f.Truncate(1234567))
	must(t, f.Close())
	if got, err = os.ReadFile(filepath.Join(s.dir, "file")); err != nil || !bytes.Equal(got, want[:1234567]) {
		t.Errorf("after truncating the server has %d bytes, %v", len(got), err)
	}
	must(t, os.WriteFile(path, []byte("short"), 0o600))
	if got, err = os.ReadFile(filepath.Join(s.dir, "file")); err != nil || string(got) != "short" {
		t.Errorf("a file written anew has %d bytes, %v", len(got), err)
	}
}

func TestDirectoriesListRenameAndRemove(t *testing.T) {
	s := startServer(t, "1,2")
	dir := s.mount("nfsvers=4.2")
	deep := filepath.Join(dir, "a", "b", "c")
	must(t, os.MkdirAll(deep, 0o700))
	const many = 700 // more than one answer holds
	for i := range many {
		must(t, os.WriteFile(filepath.Join(deep, fmt.Sprintf("a-name-that-is-not-short-at-all-%04d", i)), nil, 0o600))
	}
	entries, err := os.ReadDir(deep)
	if err != nil || len(entries) != many {
		t.Errorf("%d entries, %v, want %d", len(entries), err, many)
	}
	must(t, os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "new"), []byte("new"), 0o600))
	must(t, os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "old")))
	if got, err := os.ReadFile(filepath.Join(dir, "old")); err != nil || string(got) != "new" {
		t.Errorf("after renaming over a file: %q, %v", got, err)
	}
	must(t, os.Rename(filepath.Join(dir, "old"), filepath.Join(deep, "moved")))
	if _, err := os.Stat(filepath.Join(s.dir, "a/b/c/moved")); err != nil {
		t.Error(err)
	}
	must(t, os.RemoveAll(filepath.Join(dir, "a")))
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 0 {
		t.Errorf("the server still has %v, %v", left, err)
	}
	var space syscall.Statfs_t
	if must(t, syscall.Statfs(dir, &space)); space.Blocks == 0 || space.Bavail > space.Blocks {
		t.Errorf("the file system has %d blocks, %d to be had", space.Blocks, space.Bavail)
	}
}

func TestErrorsAreThoseOfALocalFileSystem(t *testing.T) {
	s := startServer(t, "1,2")
	dir := s.mount("nfsvers=4.2")
	must(t, os.MkdirAll(filepath.Join(dir, "full", "sub"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	for want, do := range map[syscall.Errno]func() error{
		syscall.ENOENT:       func() error { _, err := os.Open(filepath.Join(dir, "none")); return err },
		syscall.ENOTEMPTY:    func() error { return syscall.Rmdir(filepath.Join(dir, "full")) },
		syscall.EEXIST:       func() error { return os.Mkdir(filepath.Join(dir, "full"), 0o700) },
		syscall.ENOTDIR:      func() error { return os.Mkdir(filepath.Join(dir, "file", "x"), 0o700) },
		syscall.EISDIR:       func() error { return syscall.Unlink(filepath.Join(dir, "full")) },
		syscall.ENAMETOOLONG: func() error { return os.Mkdir(filepath.Join(dir, strings.Repeat("x", 256)), 0o700) },
	} {
		if err := do(); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	_, err := os.OpenFile(filepath.Join(dir, "file"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if !errors.Is(err, syscall.EEXIST) {
		t.Errorf("making a file that is there: %v", err)
	}
}

// What another client has closed is there for who opens it then, and names and sizes are
// a second old at most.
func TestAnotherClientsWorkIsSeen(t *testing.T) {
	s := startServer(t, "1,2")
	one, two := filepath.Join(s.mount("nfsvers=4.2"), "file"), filepath.Join(s.mount("nfsvers=4.2"), "file")
	for i, text := range []string{"first", "second, which is longer", "third"} {
		must(t, os.WriteFile(one, []byte(text), 0o600))
		for began := time.Now(); ; {
			got, err := os.ReadFile(two)
			if err == nil && string(got) == text {
				break
			}
			if time.Since(began) > 5*time.Second {
				t.Fatalf("%d: the other client sees %q, %v", i, got, err)
			}
		}
	}
}

// A server that restarts is waited for, and files that are open stay open.
func TestAServerThatRestartsIsWaitedFor(t *testing.T) {
	s := startServer(t, "1,2")
	path := filepath.Join(s.mount("nfsvers=4.2"), "file")
	f, err := os.Create(path)
	must(t, err)
	_, err = f.Write(content(1, 1<<20))
	must(t, err)
	must(t, f.Sync())
	s.kill()
	s.start()
	_, err = f.Write(content(2, 1<<20))
	must(t, err)
	must(t, f.Close())
	got, err := os.ReadFile(filepath.Join(s.dir, "file"))
	if err != nil || !bytes.Equal(got, append(content(1, 1<<20), content(2, 1<<20)...)) {
		t.Errorf("the server has %d bytes, %v", len(got), err)
	}
}

// With soft, a server that stays away is an error.
func TestAServerThatStaysAwayIsAnError(t *testing.T) {
	s := startServer(t, "1,2")
	dir := s.t.TempDir()
	must(t, mount([]string{"127.0.0.1:/export", dir, "-o", fmt.Sprintf("port=%d,soft,timeo=5,retrans=1,actimeo=0", s.port)}))
	t.Cleanup(func() { unmount(t, dir) })
	s.kill()
	if _, err := os.ReadDir(dir); !errors.Is(err, syscall.EIO) {
		t.Errorf("reading from a server that is away: %v, want EIO", err)
	}
}

func TestTheMountIsTakenForNFSAndLeavesNothing(t *testing.T) {
	s := startServer(t, "1,2")
	dir := s.mount("nfsvers=4.2")
	found, err := mountinfo.GetMounts(mountinfo.SingleEntryFilter(dir))
	if err != nil || len(found) != 1 || found[0].FSType != "fuse.nfs4" || found[0].Source != "127.0.0.1:/export" {
		t.Errorf("the mount is %+v, %v", found, err)
	}
	if n := len(serving(t, dir)); n != 1 {
		t.Errorf("%d processes serve the mount, want one", n)
	}
	unmount(t, dir)
}

func TestWhatCannotBeMountedSaysWhy(t *testing.T) {
	s := startServer(t, "1")
	dir := t.TempDir()
	for options, reason := range map[string]string{
		"nfsvers=4.2": "Protocol not supported",
		"nfsvers=4.0": "Protocol not supported",
		"nfsvers=3":   "Protocol not supported",
		"sofft":       "did you mean soft?",
		"timeo=x":     "needs a number",
		"sec=krb5":    "sys only",
	} {
		err := mount([]string{"127.0.0.1:/export", dir, "-o", fmt.Sprintf("port=%d,%s", s.port, options)})
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %q", options, err, reason)
		}
	}
	for source, reason := range map[string]string{
		"127.0.0.1:/none":              "No such file or directory",
		"127.0.0.1":                    "HOST:/PATH",
		"no-such-host.invalid:/export": "Failed to resolve server",
	} {
		err := mount([]string{source, dir, "-o", fmt.Sprintf("port=%d,retry=0", s.port)})
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %q", source, err, reason)
		}
	}
	s.kill()
	if err := mount([]string{"127.0.0.1:/export", dir, "-o", fmt.Sprintf("port=%d,retry=0", s.port)}); !strings.Contains(fmt.Sprint(err), "refused") {
		t.Errorf("without a server: %v", err)
	}
	if left := serving(t, dir); len(left) > 0 {
		t.Errorf("processes are left of mounts that failed: %v", left)
	}
}
