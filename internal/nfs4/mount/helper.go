package mount

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const (
	// Name is what mount(8) calls a helper for file systems of type nfs4.
	Name = "mount.nfs4"
	// kernelHelper mounts with the kernel's own client; it looks at what it is called.
	kernelHelper = "/sbin/mount.nfs"
	// failed is the exit code of mount(8) for a mount that has failed.
	failed = 32
	// serve is the argument of the process that stays.
	serve = "--serve"
)

// Called reports whether this program was called as the helper.
func Called() bool { return filepath.Base(os.Args[0]) == Name }

// Main mounts as the arguments of mount(8) say, and returns the exit code: 0 once the
// export is mounted, 32 and a sentence on standard error otherwise.
func Main(arguments []string) int {
	if len(arguments) > 0 && arguments[0] == serve {
		return serveUntilUnmounted(arguments[1:])
	}
	if KernelMounts() {
		if err := syscall.Exec(kernelHelper, append([]string{Name}, arguments...), os.Environ()); err != nil {
			return complain(fmt.Errorf("cannot run %s, which mounts with the kernel's NFS: %w; install nfs-common", kernelHelper, err))
		}
	}
	if err := mount(arguments); err != nil {
		return complain(err)
	}
	return 0
}

// KernelMounts reports whether the kernel has an NFS client of its own.
func KernelMounts() bool {
	text, err := os.ReadFile("/proc/filesystems")
	return err == nil && slices.Contains(strings.Fields(string(text)), "nfs4")
}

func complain(err error) int {
	fmt.Fprintf(os.Stderr, "%s: %v\n", Name, err)
	return failed
}

// mount starts the process that stays, which has nothing of the caller's, and waits for
// its word: nothing once it has mounted, or why it has not.
func mount(arguments []string) error {
	r, err := readArguments(arguments)
	if err != nil {
		return err
	}
	if info, err := os.Stat(r.dir); err != nil || !info.IsDir() {
		return fmt.Errorf("cannot mount on %s: it is no directory", r.dir)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	answer, word, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	defer answer.Close()
	server := exec.Command(self, append([]string{serve}, arguments...)...)
	server.Args[0] = Name
	server.ExtraFiles = []*os.File{word}
	server.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if server.Dir, err = os.Getwd(); err != nil {
		return fmt.Errorf("find the working directory: %w", err)
	}
	err = server.Start()
	_ = word.Close()
	if err != nil {
		return fmt.Errorf("start the NFS client: %w", err)
	}
	said, err := io.ReadAll(answer)
	switch {
	case err != nil:
		return fmt.Errorf("the NFS client does not answer: %w", err)
	case string(said) == mounted:
		return nil
	case len(said) == 0:
		return fmt.Errorf("the NFS client ended without a word: %v", server.Wait())
	}
	_ = server.Wait()
	return fmt.Errorf("%s", said)
}
