package backup

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/longhorn/backupstore/backupbackingimage"
	"github.com/longhorn/backupstore/common"
)

// imageFile is what Longhorn gives the library for the backup of a backing image.
type imageFile struct {
	content []byte
	ended   chan struct{}
}

func (f *imageFile) ReadFile(start int64, data []byte) error {
	copy(data, f.content[start:])
	return nil
}
func (f *imageFile) CloseFile()                                       { close(f.ended) }
func (f *imageFile) UpdateBackupProgress(string, int, string, string) {}

// TestOursRestoresLonghornsImageBackup: we read what the library alone wrote.
func TestOursRestoresLonghornsImageBackup(t *testing.T) {
	t.Parallel()
	target := "vfs://" + t.TempDir()
	saved := &imageFile{content: append(random(1, block+4096), make([]byte, 2*block-4096)...), ended: make(chan struct{})}
	err := backupbackingimage.CreateBackingImageBackup(
		&backupbackingimage.BackupConfig{Name: "parrot", DestURL: target, ConcurrentLimit: 2},
		&backupbackingimage.BackupBackingImage{Name: "parrot", Size: 3 * block, CompressionMethod: "lz4", CreatedTime: "2026-01-02T03:04:05Z"},
		saved, &common.Mappings{BlockSize: block, Mappings: []common.Mapping{{Size: 3 * block}}})
	if err != nil {
		t.Fatal(err)
	}
	<-saved.ended
	restore := func(image string) ([]byte, error) {
		path := filepath.Join(t.TempDir(), "image")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return nil, err
		}
		_, err := Runner{}.Run(t.Context(), Request{Operation: RestoreImage, Target: target, Backup: image, File: path, Concurrency: 2}, nil, nil)
		if err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	}
	restored, err := restore("parrot")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(restored, saved.content) {
		t.Error("the restored image differs from the one that was backed up")
	}
	if _, err := restore("no-such"); !errors.Is(err, ErrMissing) {
		t.Errorf("a missing backup gives %v, want ErrMissing", err)
	}
}

func TestImageURL(t *testing.T) {
	target, image, err := ImageURL(backupbackingimage.EncodeBackupBackingImageURL("parrot", "s3://bucket@region/path/"))
	if err != nil || target != "s3://bucket@region/path/" || image != "parrot" {
		t.Errorf("got %q, %q, %v", target, image, err)
	}
	if _, _, err := ImageURL("s3://bucket@region/"); err == nil {
		t.Error("a URL without an image was accepted")
	}
}
