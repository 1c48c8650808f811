package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// errGrowOffline is returned by growMounted where the kernel does not let this
// driver grow a mounted ext4.
var errGrowOffline = errors.New("a mounted ext4 cannot be grown without CAP_SYS_RESOURCE; it grows when the volume is next staged: restart the pod")

// e2fsck exits with 1 when it repaired something and with 2 when a mounted root
// should be rebooted; the file system is sound after both.
const e2fsckRepaired = 1 | 2

type ext4 struct{ tool }

func (ext4) name() string         { return "ext4" }
func (ext4) mountFlags() []string { return nil }

// format leaves the initialisation of tables to the mounted file system, reserves
// nothing for root, as is usual for volumes of pods, and does not discard what
// a fresh volume does not have.
func (f ext4) format(ctx context.Context, overwrite bool) error {
	args := []string{"-q", "-b", "4096", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", f.node}
	if overwrite {
		args = append([]string{"-F"}, args...)
	}
	return f.run(ctx, 0, "mkfs.ext4", args...)
}

// prepare replays the journal and, when the device is larger, grows the file
// system now: growing it while mounted needs a privilege that not every
// machine has.
func (f ext4) prepare(ctx context.Context) error {
	smaller, err := f.smaller()
	if err != nil {
		return err
	}
	if !smaller {
		return f.run(ctx, e2fsckRepaired, "e2fsck", "-p", f.node)
	}
	if err := f.run(ctx, e2fsckRepaired, "e2fsck", "-f", "-p", f.node); err != nil {
		return err
	}
	return f.run(ctx, 0, "resize2fs", f.node)
}

func (f ext4) growMounted(ctx context.Context, _ string) error {
	smaller, err := f.smaller()
	if err != nil || !smaller {
		return err
	}
	err = f.run(ctx, 0, "resize2fs", f.node)
	if err != nil && strings.Contains(err.Error(), "Permission denied to resize filesystem") {
		return fmt.Errorf("%w (%w)", errGrowOffline, err)
	}
	return err
}

// ext4GroupBytes is the size of a block group with 4 KiB blocks. A last group
// that is too small for its own tables stays unused.
const ext4GroupBytes = 128 << 20

// smaller reports whether the file system leaves room at the end of its device
// that it could use.
func (f ext4) smaller() (bool, error) {
	header, err := f.header()
	if err != nil {
		return false, err
	}
	size, err := deviceSize(f.node)
	if err != nil {
		return false, err
	}
	used, err := ext4Bytes(header)
	// Groups have tables of about 2 MiB; a smaller rest cannot become one.
	rest := size - used
	return rest > 0 && !(used%ext4GroupBytes == 0 && rest < 4<<20), err
}

// ext4Bytes reads the size of the file system from its superblock.
func ext4Bytes(header []byte) (int64, error) {
	super := header[1024:]
	if binary.LittleEndian.Uint16(super[0x38:]) != 0xef53 {
		return 0, errors.New("no ext4 superblock found")
	}
	blocks := uint64(binary.LittleEndian.Uint32(super[0x4:]))
	if binary.LittleEndian.Uint32(super[0x60:])&0x80 != 0 { // 64bit
		blocks |= uint64(binary.LittleEndian.Uint32(super[0x150:])) << 32
	}
	return int64(blocks << (10 + binary.LittleEndian.Uint32(super[0x18:]))), nil
}
