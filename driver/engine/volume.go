package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/deviation"
)

// VolumeInfo describes a volume.
type VolumeInfo struct {
	// Name is the name given at creation.
	Name string
	// SizeBytes is how large its device is or will be.
	SizeBytes int64
	// AllocatedBytes is what the pool keeps for it, blocks shared with snapshots included.
	AllocatedBytes int64
	// Device is the node of its loop device, empty while it is detached.
	Device string
}

// Source names what a copy is made from.
type Source struct {
	// Volume is the volume to copy.
	Volume string
	// Snapshot is one of its snapshots; empty means what the volume contains now.
	Snapshot string
}

// CreateVolume makes an empty volume of size bytes, a multiple of 4096. An
// existing one of the same size is fine; of another size it is ErrSizeDiffers.
func (e *Engine) CreateVolume(ctx context.Context, name string, size int64) error {
	return e.makeVolume(ctx, name, size, func(head string) error {
		return writeSynced(head, nil)
	})
}

// CloneVolume makes a volume of size bytes with the content of a snapshot or
// volume, all or nothing. A size below the source's is ErrTooSmall; an existing
// volume of the same size is fine, whatever it was made from.
func (e *Engine) CloneVolume(ctx context.Context, name string, size int64, from Source) error {
	if err := checkName("volume", from.Volume); err != nil {
		return err
	}
	if from.Snapshot == "" {
		e.flush(ctx, from.Volume)
	}
	return e.makeVolume(ctx, name, size, func(head string) error {
		source, err := e.sourceFile(from, size)
		if err != nil {
			return err
		}
		return e.copySource(from, source, head)
	}, from.Volume)
}

// FillVolume makes a volume of size bytes, a multiple of 4096, whose first
// content fill writes into the new file at path, all or nothing. It holds the
// volume until fill returns. An existing volume of the same size is fine and
// is not filled; of another size it is ErrSizeDiffers.
func (e *Engine) FillVolume(ctx context.Context, name string, size int64, fill func(path string) error) error {
	return e.makeVolume(ctx, name, size, fill)
}

// makeVolume publishes a volume whose head file fill has made. It holds the
// volume and the others that fill needs at rest.
func (e *Engine) makeVolume(ctx context.Context, name string, size int64, fill func(head string) error, others ...string) error {
	if err := errors.Join(checkName("volume", name), checkSize(size)); err != nil {
		return err
	}
	unlock, err := e.locks.lock(ctx, append(others, name)...)
	if err != nil {
		return err
	}
	defer unlock()
	if existing, err := os.Stat(e.headPath(name)); err == nil {
		if existing.Size() != size {
			return fmt.Errorf("volume %s exists with %d bytes, not %d: %w", name, existing.Size(), size, ErrSizeDiffers)
		}
		return nil
	}
	if err := e.buildVolume(name, size, fill); err != nil {
		return fmt.Errorf("make volume %s: %w", name, explain(err))
	}
	return nil
}

func (e *Engine) buildVolume(name string, size int64, fill func(head string) error) error {
	temp, err := freshTemp(e.volumeDir(name))
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp) // gone after publish
	if err := os.Mkdir(filepath.Join(temp, "snapshots"), 0o700); err != nil {
		return err
	}
	head := filepath.Join(temp, headFile)
	if err := fill(head); err != nil {
		return err
	}
	if err := os.Truncate(head, size); err != nil {
		return err
	}
	if err := syncPath(head); err != nil {
		return err
	}
	return publish(temp, e.volumeDir(name))
}

// sourceFile returns the file that a copy of size bytes is made from.
func (e *Engine) sourceFile(from Source, size int64) (string, error) {
	path, missing := e.headPath(from.Volume), volumeNotFound(from.Volume)
	if from.Snapshot != "" {
		if err := checkName("snapshot", from.Snapshot); err != nil {
			return "", err
		}
		path, missing = e.dataPath(from.Volume, from.Snapshot), snapshotNotFound(from.Volume, from.Snapshot)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", missing
	}
	if err != nil {
		return "", err
	}
	if info.Size() > size {
		return "", fmt.Errorf("source has %d bytes, copy would have %d: %w", info.Size(), size, ErrTooSmall)
	}
	if from.Snapshot != "" && e.deviates(deviation.RestoreCurrentData) {
		return e.headPath(from.Volume), nil
	}
	return path, nil
}

// copySource makes head a file of its own with the content of source.
func (e *Engine) copySource(from Source, source, head string) error {
	restore := from.Snapshot != ""
	switch {
	case restore && e.deviates(deviation.RestoreMovesSnapshot):
		return os.Rename(source, head)
	case restore && e.deviates(deviation.ReadWriteShared):
		return os.Link(source, head)
	case restore && e.deviates(deviation.BlockRestoreZeroed) && !hasFileSystem(source):
		return writeSynced(head, nil)
	}
	if err := e.duplicate(source, head); err != nil {
		return err
	}
	if restore && e.deviates(deviation.RestoreShortTail) {
		return zeroLastAllocated(head, 1<<20)
	}
	return nil
}

// DeleteVolume removes a volume with its snapshots. A missing one is fine; one
// that is mounted or open is ErrInUse and stays.
func (e *Engine) DeleteVolume(ctx context.Context, name string) error {
	if err := checkName("volume", name); err != nil {
		return err
	}
	unlock, err := e.locks.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	if err := e.detach(ctx, name); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("delete volume %s: %w", name, err)
	}
	if err := discard(e.volumeDir(name)); err != nil {
		return fmt.Errorf("delete volume %s: %w", name, explain(err))
	}
	return nil
}

// ExpandVolume makes a volume at least size bytes large, its device too while
// it is attached. A volume that is large enough stays as it is.
func (e *Engine) ExpandVolume(ctx context.Context, name string, size int64) error {
	if err := errors.Join(checkName("volume", name), checkSize(size)); err != nil {
		return err
	}
	unlock, err := e.locks.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	head, err := e.openHead(name)
	if err != nil {
		return err
	}
	defer head.Close()
	info, err := head.Stat()
	if err != nil {
		return err
	}
	if info.Size() < size {
		if err := errors.Join(head.Truncate(size), head.Sync()); err != nil {
			return fmt.Errorf("expand volume %s: %w", name, explain(err))
		}
	}
	// Also when the file had that size: an interrupted call may have got this far.
	device, err := e.findDevice(name, head)
	if err != nil || device == nil {
		return err
	}
	return device.RefreshSize()
}

// openHead opens the file of a volume for writing.
func (e *Engine) openHead(name string) (*os.File, error) {
	head, err := os.OpenFile(e.headPath(name), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, volumeNotFound(name)
	}
	return head, err
}

// Volume returns what is known of a volume, or ErrNotFound.
func (e *Engine) Volume(name string) (VolumeInfo, error) {
	if err := checkName("volume", name); err != nil {
		return VolumeInfo{}, err
	}
	var stat unix.Stat_t
	err := unix.Stat(e.headPath(name), &stat)
	if errors.Is(err, unix.ENOENT) {
		return VolumeInfo{}, volumeNotFound(name)
	}
	if err != nil {
		return VolumeInfo{}, fmt.Errorf("read volume %s: %w", name, err)
	}
	info := VolumeInfo{Name: name, SizeBytes: stat.Size, AllocatedBytes: stat.Blocks * 512}
	e.mu.Lock()
	defer e.mu.Unlock()
	if device := e.attached[name]; device != nil {
		info.Device = device.Path()
	}
	return info, nil
}

// Volumes returns the names of all volumes in order.
func (e *Engine) Volumes() ([]string, error) {
	names, err := namesIn(e.volumesDir())
	if err != nil {
		return nil, fmt.Errorf("list volumes: %w", err)
	}
	return names, nil
}
