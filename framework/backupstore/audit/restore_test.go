package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestARestoreIsWhatWasBackedUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of           volume
		backup, snap string
	}{{lz4Volume, "b1", "s1"}, {lz4Volume, "b3", "s3"}, {gzipVolume, "only", "s1"}, {bigVolume, "large", "s1"}} {
		file, err := os.Create(filepath.Join(t.TempDir(), "volume"))
		if err != nil {
			t.Fatal(err)
		}
		size := c.of.blocks * c.of.blockSize
		if err := errors.Join(file.Truncate(size), Restore(context.Background(), openDir(t, golden), c.of.name, c.backup, file), file.Close()); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, c.of.snapshots[c.snap].bytes(c.of.blockSize)) {
			t.Errorf("%s/%s restores to other content than snapshot %s", c.of.name, c.backup, c.snap)
		}
	}
}

func TestSHA256OfARangeCountsHolesAsZeros(t *testing.T) {
	t.Parallel()
	whole := lz4Volume.snapshots["s1"].bytes(2 * mib)
	for _, c := range [][2]int64{{0, 12 * mib}, {0, 0}, {0, 1}, {2*mib - 1, 2}, {3*mib + 5, 4 * mib}, {4 * mib, 2 * mib}, {10*mib + 1, mib}, {12 * mib, 0}, {11 * mib, mib}} {
		sum := sha256.Sum256(whole[c[0] : c[0]+c[1]])
		got, err := SHA256(context.Background(), openDir(t, golden), "pvc-lz4", "b1", c[0], c[1])
		if want := hex.EncodeToString(sum[:]); err != nil || got != want {
			t.Errorf("SHA256 of %d bytes from %d = %s, %v, want %s", c[1], c[0], got, err, want)
		}
	}
}

func TestARangeThatTheVolumeDoesNotHaveIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]int64{{-1, 1}, {0, -1}, {0, 12*mib + 1}, {12*mib + 1, 0}, {1, 1<<63 - 1}} {
		if got, err := SHA256(context.Background(), openDir(t, golden), "pvc-lz4", "b1", c[0], c[1]); err == nil || !strings.Contains(err.Error(), "12582912") {
			t.Errorf("SHA256 of %d bytes from %d = %s, %v, want an error with the volume's size", c[1], c[0], got, err)
		}
	}
}

// memory is a volume that a restore writes into.
type memory []byte

func (m memory) WriteAt(p []byte, at int64) (int, error) { return copy(m[at:], p), nil }

func TestNothingOfADamagedBackupIsTakenForGood(t *testing.T) {
	t.Parallel()
	config := func(volume, backup string) string { return folderOf(volume).backup(backup) }
	for name, c := range map[string]struct {
		do   func(bad)
		text string
	}{
		"block gone":    {func(b bad) { b.remove(blockKey(lz4Volume, 4)) }, blockKey(lz4Volume, 4)},
		"block damaged": {func(b bad) { b.write(blockKey(lz4Volume, 4), asLZ4(contents(5, 2*mib))) }, blockKey(lz4Volume, 4)},
		"in progress": {func(b bad) {
			b.edit(config("pvc-lz4", "b3"), func(config map[string]any) { config["CreatedTime"] = "" })
		}, "in progress"},
		"no cfg":        {func(b bad) { b.remove(config("pvc-lz4", "b3")) }, "b3"},
		"no volume.cfg": {func(b bad) { b.remove(folderOf("pvc-lz4").config()) }, "volume.cfg"},
		"a volume without any size": {func(b bad) {
			b.edit(folderOf("pvc-lz4").config(), func(config map[string]any) { config["Size"] = "0" })
		}, "0 bytes"},
		"too small a volume": {func(b bad) {
			b.edit(folderOf("pvc-lz4").config(), func(config map[string]any) { config["Size"] = "2097152" })
		}, "beyond the size"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := copyOfGolden(t)
			c.do(bad{t, dir})
			target := make(memory, 12*mib)
			if err := Restore(context.Background(), openDir(t, dir), "pvc-lz4", "b3", target); err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("Restore = %v, want an error with %q", err, c.text)
			}
			if at := int64(2 * mib); !bytes.Equal(target[at:at+mib], make([]byte, mib)) {
				t.Error("the damaged block was written")
			}
			if sum, err := SHA256(context.Background(), openDir(t, dir), "pvc-lz4", "b3", 0, 12*mib); err == nil {
				t.Errorf("SHA256 = %s, want an error", sum)
			}
		})
	}
}

func TestBlocksOutOfOrderAreRestoredNevertheless(t *testing.T) {
	t.Parallel()
	dir := copyOfGolden(t)
	bad{t, dir}.edit(folderOf("pvc-lz4").backup("b1"), func(config map[string]any) {
		blocks := config["Blocks"].([]any)
		config["Blocks"] = append(blocks[1:], blocks[0], blocks[0])
	})
	sum := sha256.Sum256(lz4Volume.snapshots["s1"].bytes(2 * mib))
	if got, err := SHA256(context.Background(), openDir(t, dir), "pvc-lz4", "b1", 0, 12*mib); err != nil || got != hex.EncodeToString(sum[:]) {
		t.Errorf("SHA256 = %s, %v, want that of the snapshot", got, err)
	}
}
