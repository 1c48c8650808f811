package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/api/resource"
)

// volumeConfig is volume.cfg. Longhorn writes the numbers as strings, and the
// strings that carry the option below with a second pair of quotes inside.
type volumeConfig struct {
	Name                 string
	Size                 int64 `json:",string"`
	Labels               map[string]string
	CreatedTime          string
	LastBackupName       string
	LastBackupAt         string
	BlockCount           int64  `json:",string"`
	BackingImageName     string `json:",string"`
	BackingImageChecksum string `json:",string"`
	CompressionMethod    string `json:",string"`
	StorageClassName     string `json:",string"`
	DataEngine           string `json:",string"`
}

// backupConfig is backup_<name>.cfg.
type backupConfig struct {
	Name                  string
	VolumeName            string
	SnapshotName          string
	SnapshotCreatedAt     string
	CreatedTime           string
	Size                  int64 `json:",string"`
	Labels                map[string]string
	Parameters            map[string]string
	IsIncremental         bool
	CompressionMethod     string
	NewlyUploadedDataSize int64 `json:",string"`
	ReUploadedDataSize    int64 `json:",string"`
	Blocks                []Mapping
}

// inProgress tells whether the backup has not ended; it then lists no blocks.
func (c *backupConfig) inProgress() bool { return c.CreatedTime == "" }

// faulty is about an object's content, not about reading it.
type faulty struct{ text string }

func (f faulty) Error() string { return f.text }

func faultf(format string, args ...any) error { return faulty{fmt.Sprintf(format, args...)} }

// readConfig reads a JSON object into config. What is wrong with the content is
// a faulty error.
func readConfig(ctx context.Context, store Store, key string, config any) error {
	body, err := store.Get(ctx, key)
	if err != nil {
		return err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", key, err)
	}
	if err := json.Unmarshal(text, config); err != nil {
		return faultf("it cannot be read (%v)", err)
	}
	return nil
}

// encoding says how the blocks of a backup are stored.
type encoding struct {
	// method is lz4, gzip or none.
	method string
	// size is that of an uncompressed block in bytes.
	size int64
}

const (
	methodLZ4, methodGzip, methodNone = "lz4", "gzip", "none"

	// blockSizeKey is the parameter that holds the block size since v1.10.
	blockSizeKey = "backup-block-size"
	// defaultBlockSize is used without the parameter, 2 MiB.
	defaultBlockSize = 2 << 20
	// maxBlockSize is the largest that Longhorn offers, 16 MiB. It bounds the
	// memory that a damaged cfg can ask for.
	maxBlockSize = 16 << 20
)

// encoding returns how the backup's blocks are stored, a faulty error when Longhorn
// knows no such way.
func (c *backupConfig) encoding() (encoding, error) {
	method, err := checkMethod(c.CompressionMethod)
	if err != nil {
		return encoding{}, err
	}
	text := c.Parameters[blockSizeKey]
	if text == "" {
		return encoding{method, defaultBlockSize}, nil
	}
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return encoding{}, faultf("its block size %q is no number of bytes", text)
	}
	size := quantity.Value()
	if size == 0 {
		size = defaultBlockSize
	}
	if size < 0 || size > maxBlockSize {
		return encoding{}, faultf("its block size %q is not between 1 byte and 16 MiB", text)
	}
	return encoding{method, size}, nil
}

// checkMethod returns the compression method that a cfg means.
func checkMethod(method string) (string, error) {
	switch method {
	case "": // as Longhorn wrote it when there was no choice
		return methodGzip, nil
	case methodLZ4, methodGzip, methodNone:
		return method, nil
	}
	return "", faultf("its compression method %q is none of lz4, gzip and none", method)
}

// isFault tells a damaged content from a store that cannot be read.
func isFault(err error) bool {
	var fault faulty
	return errors.As(err, &fault)
}
