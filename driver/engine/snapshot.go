package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/muster-csi/muster/driver/deviation"
)

// SnapshotInfo describes a snapshot. It never changes once the snapshot exists.
type SnapshotInfo struct {
	// Name is the name given at creation.
	Name string
	// Volume is the volume it was taken of.
	Volume string
	// SizeBytes is the size of the volume at the cut, not what is allocated.
	SizeBytes int64
	// CreatedAt is the moment of the cut.
	CreatedAt time.Time
}

// snapshotMeta is the content of meta.json.
type snapshotMeta struct {
	SizeBytes int64     `json:"sizeBytes"`
	CreatedAt time.Time `json:"createdAt"`
}

// CreateSnapshot keeps what the volume contains now. Everything that was
// acknowledged to a writer (by fsync) before the call is in it; of later writes,
// a prefix in their order. An existing snapshot of that name is returned as it is.
func (e *Engine) CreateSnapshot(ctx context.Context, volume, snapshot string) (SnapshotInfo, error) {
	return e.CreateSnapshotWithin(ctx, volume, snapshot, math.MaxInt)
}

// CreateSnapshotWithin is CreateSnapshot for a volume that may have limit
// snapshots in all. One more is ErrTooMany.
func (e *Engine) CreateSnapshotWithin(ctx context.Context, volume, snapshot string, limit int) (SnapshotInfo, error) {
	if info, err := e.Snapshot(volume, snapshot); !errors.Is(err, ErrNotFound) {
		return info, err
	}
	// As Longhorn does: ask the file system to write its cache out first. It
	// may take long, so it happens before the cut and other callers do not wait.
	e.flush(ctx, volume)
	unlock, err := e.locks.lock(ctx, volume)
	if err != nil {
		return SnapshotInfo{}, err
	}
	defer unlock()
	if info, err := e.Snapshot(volume, snapshot); !errors.Is(err, ErrNotFound) {
		return info, err // a concurrent call was first
	}
	info, err := e.cutWithin(volume, snapshot, limit)
	if err != nil {
		return SnapshotInfo{}, fmt.Errorf("snapshot %s of volume %s: %w", snapshot, volume, explain(err))
	}
	return info, nil
}

// cutWithin cuts unless the volume has limit snapshots. The caller holds the
// volume, so that concurrent cuts cannot pass the limit together.
func (e *Engine) cutWithin(volume, snapshot string, limit int) (SnapshotInfo, error) {
	names, err := namesIn(e.snapshotsDir(volume))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return SnapshotInfo{}, err
	}
	if len(names) >= limit {
		return SnapshotInfo{}, fmt.Errorf("it has %d of at most %d; delete some: %w", len(names), limit, ErrTooMany)
	}
	return e.cut(volume, snapshot)
}

// cut makes the snapshot and publishes it. The caller holds the volume.
func (e *Engine) cut(volume, snapshot string) (SnapshotInfo, error) {
	head, err := os.Stat(e.headPath(volume))
	if errors.Is(err, fs.ErrNotExist) {
		return SnapshotInfo{}, volumeNotFound(volume)
	}
	if err != nil {
		return SnapshotInfo{}, err
	}
	temp, err := freshTemp(e.snapshotDir(volume, snapshot))
	if err != nil {
		return SnapshotInfo{}, err
	}
	defer os.RemoveAll(temp) // gone after publish
	meta := snapshotMeta{SizeBytes: head.Size(), CreatedAt: time.Now().UTC()}
	if e.deviates(deviation.CutLate) {
		e.cutLater(volume, snapshot)
	} else if err := e.cutData(volume, filepath.Join(temp, dataFile), e.deviates(deviation.CutLosesAcknowledged)); err != nil {
		return SnapshotInfo{}, err
	}
	if err := writeMeta(filepath.Join(temp, metaFile), meta); err != nil {
		return SnapshotInfo{}, err
	}
	if err := publish(temp, e.snapshotDir(volume, snapshot)); err != nil {
		return SnapshotInfo{}, err
	}
	return SnapshotInfo{Name: snapshot, Volume: volume, SizeBytes: meta.SizeBytes, CreatedAt: meta.CreatedAt}, nil
}

// cutData is the cut: target has what the volume contains at this instant, or
// some seconds before it by a planted defect.
func (e *Engine) cutData(volume, target string, stale bool) error {
	source := e.headPath(volume)
	if stale {
		source = e.laggingCopy(volume)
	}
	if err := e.duplicate(source, target); err != nil {
		return err
	}
	return syncPath(target)
}

func writeMeta(path string, meta snapshotMeta) error {
	content, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	return writeSynced(path, content)
}

// Snapshot returns what is known of a snapshot, or ErrNotFound.
func (e *Engine) Snapshot(volume, snapshot string) (SnapshotInfo, error) {
	if err := errors.Join(checkName("volume", volume), checkName("snapshot", snapshot)); err != nil {
		return SnapshotInfo{}, err
	}
	content, err := os.ReadFile(filepath.Join(e.snapshotDir(volume, snapshot), metaFile))
	if errors.Is(err, fs.ErrNotExist) {
		return SnapshotInfo{}, snapshotNotFound(volume, snapshot)
	}
	if err != nil {
		return SnapshotInfo{}, fmt.Errorf("read snapshot %s of volume %s: %w", snapshot, volume, err)
	}
	var meta snapshotMeta
	if err := json.Unmarshal(content, &meta); err != nil {
		return SnapshotInfo{}, fmt.Errorf("read snapshot %s of volume %s: %w", snapshot, volume, err)
	}
	return SnapshotInfo{Name: snapshot, Volume: volume, SizeBytes: meta.SizeBytes, CreatedAt: meta.CreatedAt}, nil
}

// Snapshots returns all snapshots of a volume in order of their names, or
// ErrNotFound when there is no such volume.
func (e *Engine) Snapshots(volume string) ([]SnapshotInfo, error) {
	if err := checkName("volume", volume); err != nil {
		return nil, err
	}
	names, err := namesIn(e.snapshotsDir(volume))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, volumeNotFound(volume)
	}
	if err != nil {
		return nil, fmt.Errorf("list snapshots of volume %s: %w", volume, err)
	}
	infos := make([]SnapshotInfo, 0, len(names))
	for _, name := range names {
		info, err := e.Snapshot(volume, name)
		if errors.Is(err, ErrNotFound) {
			continue // deleted since it was listed
		}
		if err != nil {
			return nil, err
		}
		infos = append(infos, info)
	}
	return infos, nil
}

// DeleteSnapshot removes a snapshot; volumes restored from it stay whole. A
// missing snapshot or volume is fine.
func (e *Engine) DeleteSnapshot(ctx context.Context, volume, snapshot string) error {
	if err := errors.Join(checkName("volume", volume), checkName("snapshot", snapshot)); err != nil {
		return err
	}
	unlock, err := e.locks.lock(ctx, volume)
	if err != nil {
		return err
	}
	defer unlock()
	if err := discard(e.snapshotDir(volume, snapshot)); err != nil {
		return fmt.Errorf("delete snapshot %s of volume %s: %w", snapshot, volume, explain(err))
	}
	return nil
}
