package doctor

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ThisMachine is the machine that this process runs on, with clusters in a directory that need not be there yet.
func ThisMachine(clusters string) (Machine, error) {
	m := Machine{Files: os.DirFS("/"), Program: found, Root: os.Geteuid() == 0, Disk: clusters}
	for dir := clusters; ; dir = filepath.Dir(dir) {
		var stat unix.Statfs_t
		err := unix.Statfs(dir, &stat)
		if err == nil {
			m.Free, m.Size = stat.Bavail*uint64(stat.Bsize), stat.Blocks*uint64(stat.Bsize)
			return m, nil
		}
		if dir == filepath.Dir(dir) {
			return Machine{}, fmt.Errorf("ask for the free disk of %s: %w", clusters, err)
		}
	}
}

// found also looks where the PATH of a plain user does not lead on Debian.
func found(program string) bool {
	for _, name := range []string{program, "/usr/local/sbin/" + program, "/usr/sbin/" + program, "/sbin/" + program} {
		if _, err := exec.LookPath(name); err == nil {
			return true
		}
	}
	return false
}
