package node

import "context"

type xfs struct{ tool }

func (xfs) name() string { return "xfs" }

// format fixes block and sector, so that a volume moves between disks of 512 and
// of 4096 byte sectors. Without -f it refuses what it finds, should probe err.
func (f xfs) format(ctx context.Context, overwrite bool) error {
	args := []string{"-q", "-K", "-b", "size=4096", "-s", "size=4096", f.node}
	if overwrite {
		args = append([]string{"-f"}, args...)
	}
	return f.run(ctx, 0, "mkfs.xfs", args...)
}

// prepare does nothing: the kernel replays the log at mount.
func (xfs) prepare(context.Context) error { return nil }

// mountFlags lets a clone be mounted beside its source, which has the same
// UUID (contract I-13).
func (xfs) mountFlags() []string { return []string{"nouuid"} }

// growMounted may be called at any time; without room it changes nothing.
func (f xfs) growMounted(ctx context.Context, mountpoint string) error {
	return f.run(ctx, 0, "xfs_growfs", "-d", mountpoint)
}
