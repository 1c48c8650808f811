package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/longhorn/backupstore"
	_ "github.com/longhorn/backupstore/s3" // registers the kind of store
	"github.com/longhorn/backupstore/types"
	"github.com/sirupsen/logrus"

	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/engine"
)

// fullScanCommand is the argument with which this program does what scan asks for.
const fullScanCommand = "full-scan"

// fullScan carries out one request with the library alone and prints how many bytes it read.
func fullScan(ctx context.Context, in io.Reader, out io.Writer) error {
	logrus.SetLevel(logrus.ErrorLevel)
	var request backup.Request
	if err := json.NewDecoder(in).Decode(&request); err != nil {
		return err
	}
	if request.Operation == backup.Restore {
		return errors.Join(restoreByLibrary(ctx, request), say(out, 0))
	}
	reader, err := engine.OpenReader(request.Source.DataDir)
	if err != nil {
		return err
	}
	all := &everything{reader: reader, size: request.Source.SizeBytes, ended: make(chan error, 2)}
	_, err = backupstore.CreateDeltaBlockBackup(request.Backup, &backupstore.DeltaBackupConfig{
		Volume:   &backupstore.Volume{Name: request.Volume, Size: request.Source.SizeBytes, CompressionMethod: request.Source.Compression},
		Snapshot: &backupstore.Snapshot{Name: request.Source.Snapshot, CreatedTime: request.Source.SnapshotCreatedAt},
		DestURL:  request.Target, DeltaOps: all, ConcurrentLimit: int32(request.Concurrency),
	})
	if err != nil {
		return err
	}
	return errors.Join(<-all.ended, say(out, all.read.Load()))
}

func say(out io.Writer, read int64) error {
	_, err := fmt.Fprintln(out, read)
	return err
}

// everything compares by offering all blocks, as an engine does that does not know what changed.
type everything struct {
	reader *engine.Reader
	size   int64
	file   *os.File
	read   atomic.Int64
	failed atomic.Pointer[string]
	ended  chan error
}

func (e *everything) HasSnapshot(snapshot, volume string) bool { return e.reader.Has(volume, snapshot) }

func (e *everything) OpenSnapshot(snapshot, volume string) (err error) {
	e.file, err = e.reader.Open(volume, snapshot)
	return err
}

func (e *everything) CompareSnapshot(_, _, _ string, blockBytes int64) (*types.Mappings, error) {
	mappings := &types.Mappings{BlockSize: blockBytes}
	for offset := int64(0); offset < e.size; offset += blockBytes {
		mappings.Mappings = append(mappings.Mappings, types.Mapping{Offset: offset, Size: blockBytes})
	}
	return mappings, nil
}

func (e *everything) ReadSnapshot(_, _ string, start int64, data []byte) error {
	n, err := e.file.ReadAt(data, start)
	e.read.Add(int64(n))
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (e *everything) UpdateBackupStatus(_, _, _ string, _ int, _, failure string) error {
	if failure != "" {
		e.failed.Store(&failure)
	}
	return nil
}

func (e *everything) CloseSnapshot(string, string) error {
	err := e.file.Close()
	if failure := e.failed.Load(); failure != nil {
		err = errors.New(*failure)
	}
	e.ended <- err
	return err
}

// intoFile restores into a plain file.
type intoFile struct{ ended chan error }

func (f *intoFile) OpenVolumeDev(name string) (*os.File, string, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	return file, name, err
}
func (f *intoFile) CloseVolumeDev(file *os.File) error { return errors.Join(file.Sync(), file.Close()) }
func (f *intoFile) Stop()                              {}
func (f *intoFile) GetStopChan() chan struct{}         { return nil }
func (f *intoFile) UpdateRestoreStatus(_ string, progress int, err error) {
	if err != nil || progress == backupstore.PROGRESS_PERCENTAGE_BACKUP_TOTAL {
		select {
		case f.ended <- err:
		default:
		}
	}
}

func restoreByLibrary(ctx context.Context, request backup.Request) error {
	ops := &intoFile{ended: make(chan error, 1)}
	err := backupstore.RestoreDeltaBlockBackup(ctx, &backupstore.DeltaRestoreConfig{
		BackupURL: backupstore.EncodeBackupURL(request.Backup, request.Volume, request.Target),
		DeltaOps:  ops, Filename: request.File, ConcurrentLimit: int32(request.Concurrency),
	})
	if err != nil {
		return err
	}
	return <-ops.ended
}
