//go:build linux

package supervisor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// ContainerdDir is containerd's root below a state directory.
const ContainerdDir = "var-lib/containerd"

// PreparedDir is where, below the state directory, the supervisor leaves a copy
// of containerd's root with all images imported.
const PreparedDir = "prepared-images"

// LinkTree makes dst a copy of the containerd root src that shares every file
// which is never changed in place: content blobs and unpacked layers become
// hard links, databases are copied. Files on another file system are copied.
// No containerd may be running on src.
func LinkTree(src, dst string) error {
	return filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		target := filepath.Join(dst, rel)
		switch {
		case d.IsDir() && transient(rel):
			return fs.SkipDir
		case d.IsDir():
			return copyDir(path, target)
		case strings.HasSuffix(rel, ".db"):
			return copyFile(path, target)
		}
		err = os.Link(path, target)
		if errors.Is(err, unix.EXDEV) {
			return copyNode(path, target, d)
		}
		return err
	})
}

// transient tells which directories of containerd's root are not worth keeping.
func transient(rel string) bool {
	return rel == "tmpmounts" || strings.HasPrefix(rel, "io.containerd.runtime.") ||
		rel == "io.containerd.content.v1.content/ingest" || strings.HasPrefix(rel, "io.containerd.grpc.")
}

// copyDir makes a directory with the owner, mode and extended attributes of
// another: overlayfs keeps "opaque" in an attribute.
func copyDir(src, dst string) error {
	var stat unix.Stat_t
	if err := unix.Lstat(src, &stat); err != nil {
		return err
	}
	if err := os.MkdirAll(dst, 0o700); err != nil {
		return err
	}
	if err := os.Lchown(dst, int(stat.Uid), int(stat.Gid)); err != nil {
		return err
	}
	if err := unix.Chmod(dst, stat.Mode&0o7777); err != nil {
		return err
	}
	return copyAttributes(src, dst)
}

func copyAttributes(src, dst string) error {
	names := make([]byte, 4096)
	n, err := unix.Llistxattr(src, names)
	if err != nil {
		if errors.Is(err, unix.ENOTSUP) {
			return nil
		}
		return fmt.Errorf("list the attributes of %s: %w", src, err)
	}
	value := make([]byte, 64<<10)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names[:n]), "\x00"), "\x00") {
		if name == "" {
			continue
		}
		size, err := unix.Lgetxattr(src, name, value)
		if err != nil {
			return fmt.Errorf("read the attribute %s of %s: %w", name, src, err)
		}
		if err := unix.Lsetxattr(dst, name, value[:size], 0); err != nil {
			return fmt.Errorf("set the attribute %s of %s: %w", name, dst, err)
		}
	}
	return nil
}

// copyNode copies a file, symbolic link or overlayfs whiteout (a character
// device) to another file system.
func copyNode(src, dst string, d fs.DirEntry) error {
	var stat unix.Stat_t
	if err := unix.Lstat(src, &stat); err != nil {
		return err
	}
	switch {
	case d.Type()&fs.ModeSymlink != 0:
		to, err := os.Readlink(src)
		if err != nil {
			return err
		}
		if err := os.Symlink(to, dst); err != nil {
			return err
		}
		return os.Lchown(dst, int(stat.Uid), int(stat.Gid))
	case !d.Type().IsRegular():
		if err := unix.Mknod(dst, stat.Mode, int(stat.Rdev)); err != nil {
			return fmt.Errorf("make the special file %s: %w", dst, err)
		}
		return nil
	}
	if err := copyFile(src, dst); err != nil {
		return err
	}
	return copyAttributes(src, dst)
}

func copyFile(src, dst string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	var stat unix.Stat_t
	if err := unix.Fstat(int(in.Fd()), &stat); err != nil {
		return err
	}
	out, err := os.OpenFile(dst, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("copy %s: %w", src, err)
	}
	if err := out.Chown(int(stat.Uid), int(stat.Gid)); err != nil {
		return err
	}
	if err := unix.Fchmod(int(out.Fd()), stat.Mode&0o7777); err != nil {
		return err
	}
	return out.Close()
}
