package backup

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/longhorn/backupstore"
	"github.com/longhorn/backupstore/types"
)

// longhorn is what Longhorn's own engine gives the library, in the simplest
// form: it compares nothing and uploads all blocks.
type longhorn struct {
	content []byte
	ended   chan string
}

func (l *longhorn) HasSnapshot(string, string) bool    { return false }
func (l *longhorn) OpenSnapshot(string, string) error  { return nil }
func (l *longhorn) CloseSnapshot(string, string) error { close(l.ended); return nil }
func (l *longhorn) CompareSnapshot(_, _, _ string, blockSize int64) (*types.Mappings, error) {
	return &types.Mappings{BlockSize: blockSize, Mappings: []types.Mapping{{Size: int64(len(l.content))}}}, nil
}
func (l *longhorn) ReadSnapshot(_, _ string, start int64, data []byte) error {
	copy(data, l.content[start:])
	return nil
}
func (l *longhorn) UpdateBackupStatus(string, string, string, int, string, string) error { return nil }

// file is what Longhorn's own engine gives the library for a restore.
type file struct{ ended chan error }

func (f *file) OpenVolumeDev(name string) (*os.File, string, error) {
	opened, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	return opened, name, err
}
func (f *file) CloseVolumeDev(opened *os.File) error { return opened.Close() }
func (f *file) UpdateRestoreStatus(_ string, progress int, err error) {
	if err != nil || progress == backupstore.PROGRESS_PERCENTAGE_BACKUP_TOTAL {
		select {
		case f.ended <- err:
		default:
		}
	}
}
func (f *file) Stop()                      {}
func (f *file) GetStopChan() chan struct{} { return nil }

// TestLonghornRestoresOurBackup: the library alone reads what we wrote.
func TestLonghornRestoresOurBackup(t *testing.T) {
	b := newBench(t)
	b.write(block, random(1, 2*block))
	b.backup("1", nil)
	b.write(4*block, random(2, block))
	info := b.backup("2", nil).Backups[0]
	restored := filepath.Join(t.TempDir(), "restored")
	ops := &file{make(chan error, 1)}
	b.check(backupstore.RestoreDeltaBlockBackup(t.Context(), &backupstore.DeltaRestoreConfig{
		BackupURL: info.URL, DeltaOps: ops, Filename: restored, ConcurrentLimit: 2,
	}))
	b.check(<-ops.ended)
	content, err := os.ReadFile(restored)
	b.check(err)
	if !bytes.Equal(content, b.content()) {
		t.Error("the library restores something else than the volume had")
	}
}

// TestOursRestoresLonghornsBackup: we read what the library alone wrote.
func TestOursRestoresLonghornsBackup(t *testing.T) {
	b := newBench(t)
	ops := &longhorn{content: random(7, size), ended: make(chan string)}
	_, err := backupstore.CreateDeltaBlockBackup("backup-foreign", &backupstore.DeltaBackupConfig{
		Volume:   &backupstore.Volume{Name: "vol", Size: size, CompressionMethod: "lz4"},
		Snapshot: &backupstore.Snapshot{Name: "s", CreatedTime: "2026-01-02T03:04:05Z"},
		DestURL:  b.target, DeltaOps: ops, ConcurrentLimit: 2,
	})
	b.check(err)
	<-ops.ended
	if !bytes.Equal(b.restore("foreign"), ops.content) {
		t.Error("the restore differs from what Longhorn backed up")
	}
}

func TestWorkRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, input := range []string{"", "{}", `{"operation":"list","targett":"x"}`, `{"operation":"list","target":"s3://b@r/","deviations":"no-such"}`} {
		if err := Work(context.Background(), bytes.NewBufferString(input), io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", input)
		}
	}
}
