package backup

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/longhorn/backupstore"
	_ "github.com/longhorn/backupstore/vfs" // a store in a directory, for these tests

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
)

const (
	mib   = int64(1 << 20)
	block = 2 * mib
	size  = 16 * mib
)

func TestMain(m *testing.M) {
	schemes = append(schemes, "vfs")
	if len(os.Args) > 1 && os.Args[1] == WorkerCommand {
		os.Exit(Main(context.Background()))
	}
	// These tests mostly wait: the library lets every lock rest for two seconds.
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// bench is an engine with one volume, and a store in a directory.
type bench struct {
	t      *testing.T
	dir    string
	target string
	engine *engine.Engine
}

func newBench(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{t: t, dir: filepath.Join(t.TempDir(), "data"), target: "vfs://" + t.TempDir()}
	var err error
	if b.engine, err = engine.Open(t.Context(), engine.Options{Dir: b.dir, AllowCopy: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.engine.Close() })
	b.check(b.engine.CreateVolume(t.Context(), "vol", size))
	return b
}

func (b *bench) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// write changes the volume at an offset.
func (b *bench) write(offset int64, content []byte) {
	b.t.Helper()
	file, err := os.OpenFile(filepath.Join(b.dir, "volumes", "vol", "head.img"), os.O_WRONLY, 0)
	b.check(err)
	_, err = file.WriteAt(content, offset)
	b.check(errors.Join(err, file.Close()))
}

// content is what the volume holds now.
func (b *bench) content() []byte {
	b.t.Helper()
	content, err := os.ReadFile(filepath.Join(b.dir, "volumes", "vol", "head.img"))
	b.check(err)
	return content
}

// request is the upload of a new snapshot of that name to a backup of that name.
func (b *bench) request(name string, change func(*Request)) Request {
	b.t.Helper()
	_, err := b.engine.CreateSnapshot(b.t.Context(), "vol", "snap-"+name)
	b.check(err)
	request := Request{
		Operation: Create, Target: b.target, Volume: "vol", Backup: "backup-" + name, Concurrency: 2,
		Source: Source{
			DataDir: b.dir, Snapshot: "snap-" + name, SnapshotCreatedAt: "2026-01-02T03:04:05Z",
			SizeBytes: size, BlockBytes: block, Compression: "lz4", Labels: map[string]string{"type": "bak"},
		},
	}
	if change != nil {
		change(&request)
	}
	return request
}

func (b *bench) backup(name string, change func(*Request)) Result {
	b.t.Helper()
	result, err := Runner{}.Run(b.t.Context(), b.request(name, change), nil, nil)
	b.check(err)
	return result
}

// restore returns what a restore of the backup holds.
func (b *bench) restore(name string) []byte {
	b.t.Helper()
	volume := "restored-" + name
	b.check(b.engine.FillVolume(b.t.Context(), volume, size, func(path string) error {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
		request := Request{Operation: Restore, Target: b.target, Volume: "vol", Backup: "backup-" + name, File: path, Concurrency: 2}
		_, err := Runner{}.Run(b.t.Context(), request, nil, nil)
		return err
	}))
	content, err := os.ReadFile(filepath.Join(b.dir, "volumes", volume, "head.img"))
	b.check(err)
	return content
}

func (b *bench) blocks() int {
	b.t.Helper()
	found, err := filepath.Glob(filepath.Join(strings.TrimPrefix(b.target, "vfs://"), "backupstore/volumes/*/*/vol/blocks/*/*/*.blk"))
	b.check(err)
	return len(found)
}

func random(seed uint64, n int64) []byte {
	content := make([]byte, n)
	source := rand.New(rand.NewPCG(seed, 0))
	for i := range content {
		content[i] = byte(source.Uint32())
	}
	return content
}

func TestEachBackupOfAChainRestoresItsOwnState(t *testing.T) {
	b := newBench(t)
	states := map[string][]byte{}
	b.write(0, random(1, 3*block))
	states["1"] = b.content()
	b.backup("1", nil)

	b.write(block, random(2, block/2))
	b.write(2*block, make([]byte, block)) // becomes zero: the old data must not come back
	states["2"] = b.content()
	second := b.backup("2", nil)
	if got := second.Backups[0]; got.NewBytes == 0 || got.SizeBytes != 3*block {
		t.Errorf("the second backup uploaded %d bytes and has %d, want some and %d", got.NewBytes, got.SizeBytes, 3*block)
	}

	b.write(5*block+17, random(3, 100))
	states["3"] = b.content()
	third := b.backup("3", nil)
	if third.ReadBytes > 2*block {
		t.Errorf("one changed block made it read %d bytes", third.ReadBytes)
	}

	_, err := Runner{}.Run(t.Context(), Request{Operation: Delete, Target: b.target, Volume: "vol", Backup: "backup-2"}, nil, nil)
	b.check(err)
	// Left: the blocks of the first state and, of the third, the changed second one, the zeros and the new one.
	if got := b.blocks(); got != 6 {
		t.Errorf("%d blocks are left, want 6", got)
	}
	for _, name := range []string{"1", "3"} {
		if !bytes.Equal(b.restore(name), states[name]) {
			t.Errorf("the restore of backup %s differs from the volume then", name)
		}
	}
	_, err = Runner{}.Run(t.Context(), Request{Operation: Restore, Target: b.target, Volume: "vol", Backup: "backup-2", File: filepath.Join(b.dir, "x")}, nil, nil)
	if !errors.Is(err, ErrMissing) {
		t.Errorf("the restore of a deleted backup gives %v, want that it is missing", err)
	}
}

func TestBlocksOfZerosAreNotStored(t *testing.T) {
	b := newBench(t)
	b.write(0, random(1, block))
	b.write(block, make([]byte, 3*block))
	b.backup("1", nil)
	if got := b.blocks(); got != 1 {
		t.Errorf("%d blocks are stored, want 1", got)
	}
	if !bytes.Equal(b.restore("1"), b.content()) {
		t.Error("the restore differs")
	}
}

func TestFullBackupUploadsAgain(t *testing.T) {
	b := newBench(t)
	b.write(0, random(1, 2*block))
	b.backup("1", nil)
	again := b.backup("2", nil).Backups[0]
	if again.NewBytes != 0 || again.AgainBytes != 0 {
		t.Errorf("an unchanged volume uploads %d new and %d known bytes", again.NewBytes, again.AgainBytes)
	}
	full := b.backup("3", func(r *Request) { r.Source.Full = true }).Backups[0]
	if full.AgainBytes < 2*block {
		t.Errorf("a full backup uploaded %d known bytes, want both blocks", full.AgainBytes)
	}
}

func TestAllCompressionsRestore(t *testing.T) {
	for _, method := range []string{"lz4", "gzip", "none"} {
		t.Run(method, func(t *testing.T) {
			b := newBench(t)
			b.write(block, bytes.Repeat([]byte("compressible "), int(block)/13))
			b.backup("1", func(r *Request) { r.Source.Compression = method })
			if !bytes.Equal(b.restore("1"), b.content()) {
				t.Error("the restore differs")
			}
		})
	}
}

func TestRepeatedUploadIsLeftAsItIs(t *testing.T) {
	b := newBench(t)
	b.write(0, random(1, block))
	request := b.request("1", nil)
	first, err := Runner{}.Run(t.Context(), request, nil, nil)
	b.check(err)
	again, err := Runner{}.Run(t.Context(), request, nil, nil)
	b.check(err)
	if again.ReadBytes != 0 || again.Backups[0].CreatedAt != first.Backups[0].CreatedAt {
		t.Errorf("the repeat read %d bytes and gives %+v, want %+v", again.ReadBytes, again.Backups[0], first.Backups[0])
	}
}

func TestListShowsVolumesAndBackups(t *testing.T) {
	b := newBench(t)
	b.write(0, random(1, block))
	b.backup("1", nil)
	result, err := Runner{}.Run(t.Context(), Request{Operation: List, Target: b.target}, nil, nil)
	b.check(err)
	if len(result.Volumes) != 1 || result.Volumes[0].Name != "vol" || len(result.Volumes[0].Backups) != 1 || result.Volumes[0].SizeBytes != size {
		t.Errorf("listed %+v", result.Volumes)
	}
	info, err := Runner{}.Run(t.Context(), Request{Operation: Inspect, Target: b.target, Volume: "vol", Backups: []string{"backup-1", "backup-no"}}, nil, nil)
	b.check(err)
	if got := info.Backups; len(got) != 2 || got[0].Snapshot != "snap-1" || got[0].Labels["type"] != "bak" || got[1].Error == "" {
		t.Errorf("inspected %+v", got)
	}
}

func TestCorruptBlockIsNoData(t *testing.T) {
	b := newBench(t)
	b.write(0, random(1, block))
	b.backup("1", nil)
	found, _ := filepath.Glob(filepath.Join(strings.TrimPrefix(b.target, "vfs://"), "backupstore/volumes/*/*/vol/blocks/*/*/*.blk"))
	content, err := os.ReadFile(found[0])
	b.check(err)
	content[len(content)/2] ^= 1
	b.check(os.WriteFile(found[0], content, 0o600))
	err = b.engine.FillVolume(t.Context(), "restored", size, func(path string) error {
		b.check(os.WriteFile(path, nil, 0o600))
		_, err := Runner{}.Run(t.Context(), Request{Operation: Restore, Target: b.target, Volume: "vol", Backup: "backup-1", File: path}, nil, nil)
		return err
	})
	if err == nil {
		t.Error("a corrupt block was restored")
	}
	if _, err := b.engine.Volume("restored"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a volume was made of it: %v", err)
	}
}

func TestLargeBlocks(t *testing.T) { // B-01
	b := newBench(t)
	b.write(3*mib, random(1, 100))
	info := b.backup("1", func(r *Request) { r.Source.BlockBytes = 16 * mib }).Backups[0]
	if info.SizeBytes != 16*mib || b.blocks() != 1 {
		t.Errorf("the backup has %d bytes in %d blocks, want one of 16 MiB", info.SizeBytes, b.blocks())
	}
	if !bytes.Equal(b.restore("1"), b.content()) {
		t.Error("the restore differs")
	}
}

func TestDeletionWaitsForARestore(t *testing.T) { // D-25, B-10
	b := newBench(t)
	b.write(0, random(1, block))
	b.backup("1", nil)
	driver, err := backupstore.GetBackupStoreDriver(b.target)
	b.check(err)
	restore, err := backupstore.New(driver, "vol", backupstore.RESTORE_LOCK)
	b.check(err)
	b.check(restore.Lock())
	request := Request{Operation: Delete, Target: b.target, Volume: "vol", Backup: "backup-1"}
	if _, err := (Runner{}).Run(t.Context(), request, nil, nil); err == nil || !strings.Contains(err.Error(), "try again later") {
		t.Errorf("deletion during a restore gives %v, want to be told to try again", err)
	}
	if b.blocks() != 1 {
		t.Error("the block that is being restored is gone")
	}
	b.check(restore.Unlock())
	_, err = Runner{}.Run(t.Context(), request, nil, nil)
	b.check(err)
	if b.blocks() != 0 {
		t.Error("the block is left after the restore and the deletion")
	}
}

// TestEndedOperationGivesBackItsLock: a lock that is left would keep others out for minutes.
func TestEndedOperationGivesBackItsLock(t *testing.T) { // B-10
	b := newBench(t)
	b.write(0, random(1, size))
	b.backup("1", nil)
	file := filepath.Join(t.TempDir(), "restored")
	b.check(os.WriteFile(file, nil, 0o600))
	b.write(0, random(2, size))
	locks := filepath.Join(strings.TrimPrefix(b.target, "vfs://"), volumePath("vol"), backupstore.LOCKS_DIRECTORY, "*")
	for _, request := range []Request{
		{Operation: Restore, Target: b.target, Volume: "vol", Backup: "backup-1", File: file, Concurrency: 2},
		b.request("2", nil),
	} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel() // while the library lets the lock rest, so that all is yet to be done
			for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
				if found, _ := filepath.Glob(locks); len(found) > 0 || ctx.Err() != nil {
					return
				}
			}
		}()
		_, err := Runner{}.Run(ctx, request, nil, nil)
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s that was ended gives %v", request.Operation, err)
		}
		if found, _ := filepath.Glob(locks); len(found) != 0 {
			t.Errorf("%s that was ended leaves its lock: %v", request.Operation, found)
		}
	}
}

func TestOtherLocksUnderPlantedDefects(t *testing.T) { // B-10
	b := newBench(t)
	b.write(0, random(1, block))
	driver, err := backupstore.GetBackupStoreDriver(b.target)
	b.check(err)
	others, err := backupstore.New(driver, "vol", backupstore.DELETION_LOCK)
	b.check(err)
	b.check(others.Lock())
	hours := time.Now().Add(-2 * time.Hour)
	folder := filepath.Join(strings.TrimPrefix(b.target, "vfs://"), volumePath("vol"), backupstore.LOCKS_DIRECTORY)
	b.check(os.Chtimes(filepath.Join(folder, others.Name+backupstore.LOCK_SUFFIX), hours, hours))

	request := b.request("1", func(r *Request) { r.Deviations = string(deviation.BackupLockNeverExpires) })
	if _, err := (Runner{}).Run(t.Context(), request, nil, nil); err == nil || !strings.Contains(err.Error(), "is locked by") {
		t.Errorf("with an expired lock that counts the backup gives %v", err)
	}
	request.Deviations = ""
	if _, err := (Runner{}).Run(t.Context(), request, nil, nil); err != nil {
		t.Errorf("an expired lock keeps a backup back: %v", err)
	}
	_, err = Runner{}.Run(t.Context(), b.request("2", func(r *Request) { r.Deviations = string(deviation.BackupLocksBroken) }), nil, nil)
	b.check(err)
	if names, _ := filepath.Glob(filepath.Join(folder, "*")); len(names) != 0 {
		t.Errorf("the locks %v were not broken", names)
	}
}

func TestWorkerThatMakesNoProgressIsEnded(t *testing.T) {
	t.Parallel()
	silent := filepath.Join(t.TempDir(), "worker")
	if err := os.WriteFile(silent, []byte("#!/bin/sh\nexec sleep 600\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Runner{Program: silent, Stall: 50 * time.Millisecond}.Run(t.Context(), Request{Operation: List, Target: "s3://b@r/"}, nil, nil)
	if !errors.Is(err, ErrStalled) {
		t.Errorf("got %v, want that it made no progress", err)
	}
}

func TestWorkerThatDiesIsTold(t *testing.T) {
	t.Parallel()
	dying := filepath.Join(t.TempDir(), "worker")
	if err := os.WriteFile(dying, []byte("#!/bin/sh\necho no room in here, pass is $AWS_SECRET_ACCESS_KEY >&2\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	credentials := Credentials{"AWS_ACCESS_KEY_ID": "identity", "AWS_SECRET_ACCESS_KEY": "hidden/word"}
	_, err := Runner{Program: dying}.Run(t.Context(), Request{Operation: List, Target: "s3://b@r/"}, credentials, nil)
	if err == nil || !strings.Contains(err.Error(), "no room in here") || strings.Contains(err.Error(), "hidden") {
		t.Errorf("got %v, want its last words without the secret", err)
	}
}
