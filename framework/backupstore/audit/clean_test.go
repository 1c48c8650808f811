package audit

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// run audits a directory.
func run(t *testing.T, dir string, opts Options) *Result {
	t.Helper()
	result, err := Run(context.Background(), openDir(t, dir), opts)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func openDir(t *testing.T, dir string) Store {
	t.Helper()
	store, err := NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestAStoreOfLonghornIsClean(t *testing.T) {
	t.Parallel()
	result := run(t, golden, Options{})
	if err := result.Err(); err != nil {
		t.Errorf("Err = %v, want nil", err)
	}
	if lost := result.Lost(); len(lost) != 0 {
		t.Errorf("Lost = %v, want nothing", lost)
	}
	counts := result.Counts
	if counts.BytesStored < 24*mib || counts.BytesStored > 33*mib {
		t.Errorf("BytesStored = %d, want about 7 x 2 MiB and 16 MiB", counts.BytesStored)
	}
	counts.BytesStored = 0
	want := Counts{Volumes: 3, Backups: 5, Blocks: 8, BytesReferenced: (4+4+5+2)*2*mib + 16*mib}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("Counts (-want +got):\n%s", diff)
	}
}

func TestABackupIsDescribed(t *testing.T) {
	t.Parallel()
	result := run(t, golden, Options{Volumes: []string{"pvc-big", "pvc-lz4"}})
	if len(result.Volumes) != 2 {
		t.Errorf("%d volumes, want the 2 that were asked for", len(result.Volumes))
	}
	got, ok := result.Backup("pvc-big", "large")
	if !ok || got.Created == "" || got.NewlyUploaded != 16*mib {
		t.Errorf("Backup = %+v, %t, want one of 16 MiB with a time", got, ok)
	}
	got.Created, got.Blocks = "", nil
	want := Backup{
		Name: "large", Volume: "pvc-big", Snapshot: "s1", Size: 16 * mib, BlockSize: 16 * mib, Compression: "none",
		NewlyUploaded: 16 * mib, BlockCount: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Backup (-want +got):\n%s", diff)
	}
	if v, ok := result.Volume("pvc-lz4"); !ok || v.Size != 12*mib || v.LastBackup != "b3" || v.Blocks != 5 {
		t.Errorf("Volume = %+v, want 12 MiB in 5 blocks with b3 as its last backup", v)
	}
}

func TestBackupsCanBeCompared(t *testing.T) {
	t.Parallel()
	result := run(t, golden, Options{})
	var backups []Backup
	for _, name := range []string{"b1", "b2", "b3"} {
		backup, ok := result.Backup("pvc-lz4", name)
		if !ok {
			t.Fatalf("no backup %s", name)
		}
		backups = append(backups, backup)
	}
	b1, b2, b3 := backups[0], backups[1], backups[2]
	if len(b1.Blocks) != 4 || len(b1.Checksums()) != 3 {
		t.Errorf("b1 has %d blocks, %d of them different, want 4 and 3", len(b1.Blocks), len(b1.Checksums()))
	}
	if new := b2.Without(b1); len(new) != 0 || b2.NewlyUploaded != 0 || !b2.Incremental {
		t.Errorf("b2 has the new blocks %v, uploaded %d bytes, incremental %t; want none for the same data", new, b2.NewlyUploaded, b2.Incremental)
	}
	if new := b3.Without(b2); len(new) != 2 || b3.NewlyUploaded < 2*2*mib || b3.NewlyUploaded > 5*mib {
		t.Errorf("b3 has the new blocks %v, uploaded %d bytes; want 2", new, b3.NewlyUploaded)
	}
	if gone := b2.Without(b3); len(gone) != 1 {
		t.Errorf("b3 does without %v of b2, want 1 block", gone)
	}
}

func TestADeletionByLonghornLeavesACleanStore(t *testing.T) {
	t.Parallel()
	dir := copyOfGolden(t)
	if err := lz4Volume.remove(dir, "b3"); err != nil {
		t.Fatal(err)
	}
	result := run(t, dir, Options{})
	if err := result.Err(); err != nil {
		t.Errorf("Err = %v, want nil", err)
	}
	if v, _ := result.Volume("pvc-lz4"); v.Blocks != 3 || len(v.Backups) != 2 || v.LastBackup != "b2" {
		t.Errorf("%d blocks, %d backups, last %s; want the 3 blocks of b1 and b2", v.Blocks, len(v.Backups), v.LastBackup)
	}
}

func TestAnInterruptedBackupIsTheOnlyViolationUntilItIsDeleted(t *testing.T) {
	t.Parallel()
	dir := copyOfGolden(t)
	broken := lz4Volume
	broken.snapshots = map[string]snapshot{"s3": lz4Volume.snapshots["s3"], "s4": {8, 9, 5, 1, 3, 0}}
	if err := broken.take(dir, "b4", "s4", 2*mib); err == nil {
		t.Fatal("the backup succeeded although its snapshot cannot be read")
	}
	result := run(t, dir, Options{})
	if v, _ := result.Volume("pvc-lz4"); v.Blocks != 6 {
		t.Errorf("%d blocks, want 5 and the one that was uploaded before the failure", v.Blocks)
	}
	wantViolations(t, result, Violation{
		Kind: KindInProgress, Volume: "pvc-lz4", Backups: []string{"b4"}, Object: folderOf("pvc-lz4").backup("b4"),
	})
	if err := lz4Volume.remove(dir, "b4"); err != nil {
		t.Fatal(err)
	}
	if err := run(t, dir, Options{}).Err(); err != nil {
		t.Errorf("Err = %v, want nil after the deletion", err)
	}
}

func TestAnEmptyStoreIsClean(t *testing.T) {
	t.Parallel()
	result := run(t, t.TempDir(), Options{})
	if err := result.Err(); err != nil || result.Counts != (Counts{}) {
		t.Errorf("%+v, %v, want nothing", result.Counts, err)
	}
}
