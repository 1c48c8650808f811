package audit

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/longhorn/backupstore"
	"github.com/longhorn/backupstore/types"
	_ "github.com/longhorn/backupstore/vfs"
	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"
)

const mib = 1 << 20

// snapshot is a volume's content: a number for each block, 0 for a hole.
type snapshot []uint64

// contents returns a block's bytes: the same for the same number, incompressible.
func contents(number uint64, size int64) []byte {
	content := make([]byte, size)
	if number == 0 {
		return content
	}
	var seed [32]byte
	seed[0], seed[1] = byte(number), byte(number>>8)
	_, _ = rand.NewChaCha8(seed).Read(content) // documented never to fail
	return content
}

// bytes returns the whole content.
func (s snapshot) bytes(blockSize int64) []byte {
	var all []byte
	for _, number := range s {
		all = append(all, contents(number, blockSize)...)
	}
	return all
}

// engine gives snapshots to Longhorn's backup code in the place of its engine.
type engine struct {
	snapshots map[string]snapshot
	blockSize int64
	failAt    int64 // offset at which reading fails, 0 for nowhere
	ended     chan error
	mu        sync.Mutex
	err       error
}

func (e *engine) HasSnapshot(id, _ string) bool     { return e.snapshots[id] != nil }
func (e *engine) OpenSnapshot(string, string) error { return nil }

func (e *engine) CompareSnapshot(id, older, _ string, blockSize int64) (*types.Mappings, error) {
	before := e.snapshots[older]
	mappings := &types.Mappings{BlockSize: blockSize}
	for i, number := range e.snapshots[id] {
		if was := i < len(before) && before[i] == number; number != 0 && !was {
			mappings.Mappings = append(mappings.Mappings, types.Mapping{Offset: int64(i) * blockSize, Size: blockSize})
		}
	}
	return mappings, nil
}

func (e *engine) ReadSnapshot(id, _ string, offset int64, data []byte) error {
	if e.failAt > 0 && offset == e.failAt {
		return errors.New("the disk is broken")
	}
	copy(data, contents(e.snapshots[id][offset/e.blockSize], e.blockSize))
	return nil
}

// CloseSnapshot is the last thing that a backup calls.
func (e *engine) CloseSnapshot(string, string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended <- e.err
	return nil
}

func (e *engine) UpdateBackupStatus(_, _, _ string, _ int, _ string, text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if text != "" {
		e.err = errors.New(text)
	}
	return nil
}

// volume is one that the tests back up.
type volume struct {
	name        string
	compression string
	blockSize   int64
	snapshots   map[string]snapshot
	blocks      int64 // its size
}

// take makes a backup of a snapshot; it ends with an error where reading fails.
func (v volume) take(dir, backup, snap string, failAt int64) error {
	e := &engine{snapshots: v.snapshots, blockSize: v.blockSize, failAt: failAt, ended: make(chan error, 1)}
	_, err := backupstore.CreateDeltaBlockBackup(backup, &backupstore.DeltaBackupConfig{
		BackupName:      backup,
		Volume:          &backupstore.Volume{Name: v.name, Size: v.blocks * v.blockSize, CompressionMethod: v.compression},
		Snapshot:        &backupstore.Snapshot{Name: snap, CreatedTime: "2026-01-02T03:04:0" + snap[len(snap)-1:] + "Z"},
		DestURL:         "vfs://" + dir,
		DeltaOps:        e,
		ConcurrentLimit: 1,
		Parameters:      map[string]string{blockSizeKey: fmt.Sprint(v.blockSize)},
	})
	if err != nil {
		return err
	}
	return <-e.ended
}

// remove deletes a backup.
func (v volume) remove(dir, backup string) error {
	return backupstore.DeleteDeltaBlockBackup(backupstore.EncodeBackupURL(backup, v.name, "vfs://"+dir))
}

// The volumes of the store that the tests start from.
var (
	// lz4Volume has the backups b1 of s1, b2 of the same data, and b3 with one
	// block changed and one more.
	lz4Volume = volume{
		name: "pvc-lz4", compression: "lz4", blockSize: 2 * mib, blocks: 6,
		snapshots: map[string]snapshot{
			"s1": {1, 2, 0, 1, 3, 0},
			"s2": {1, 2, 0, 1, 3, 0},
			"s3": {1, 4, 5, 1, 3, 0},
		},
	}
	gzipVolume = volume{name: "pvc-gzip", compression: "gzip", blockSize: 2 * mib, blocks: 2, snapshots: map[string]snapshot{"s1": {1, 2}}}
	bigVolume  = volume{name: "pvc-big", compression: "none", blockSize: 16 * mib, blocks: 2, snapshots: map[string]snapshot{"s1": {0, 7}}}
)

// golden is the directory with the store that the tests copy.
var golden string

// TestMain makes the store with Longhorn's own code: each backup waits two
// seconds for its lock, so it is done once.
func TestMain(m *testing.M) {
	logrus.SetOutput(io.Discard)
	os.Exit(func() int {
		var err error
		if golden, err = os.MkdirTemp("", "backupstore"); err == nil {
			defer os.RemoveAll(golden)
			err = makeGolden(golden)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "cannot make a backup store:", err)
			return 1
		}
		return m.Run()
	}())
}

func makeGolden(dir string) error {
	var group errgroup.Group
	group.Go(func() error {
		return errors.Join(lz4Volume.take(dir, "b1", "s1", 0), lz4Volume.take(dir, "b2", "s2", 0), lz4Volume.take(dir, "b3", "s3", 0))
	})
	group.Go(func() error { return gzipVolume.take(dir, "only", "s1", 0) })
	group.Go(func() error { return bigVolume.take(dir, "large", "s1", 0) })
	return group.Wait()
}

// copyOfGolden returns a store of its own for a test.
func copyOfGolden(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	return dir
}
