package inpod

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/muster-csi/muster/framework/shards"
	"github.com/muster-csi/muster/framework/timeouts"
)

var (
	// resultFile is what is fetched, releasedFile says that it was.
	resultFile   = filepath.Join(shards.WorkDir, "result.tar.gz")
	releasedFile = filepath.Join(shards.WorkDir, "released")
)

// logTail is how much of the suite's log is quoted, in bytes.
const logTail = 2000

// pack packs the folder into the result file and describes that.
func pack(dir string) (*shards.Result, error) {
	file, err := os.Create(resultFile)
	if err != nil {
		return nil, fmt.Errorf("make the file for the result: %w", err)
	}
	hash := sha256.New()
	if err := errors.Join(shards.Pack(io.MultiWriter(file, hash), dir), file.Close()); err != nil {
		return nil, err
	}
	info, err := os.Stat(resultFile)
	if err != nil {
		return nil, fmt.Errorf("look at the result: %w", err)
	}
	return &shards.Result{Bytes: info.Size(), SHA256: hex.EncodeToString(hash.Sum(nil))}, nil
}

// WriteResult writes the result file. It may be called again.
func WriteResult(to io.Writer) error {
	file, err := os.Open(resultFile)
	if err != nil {
		return fmt.Errorf("open the result: %w", err)
	}
	defer file.Close()
	if _, err := io.Copy(to, file); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// Release lets Run return.
func Release() error {
	if err := os.WriteFile(releasedFile, nil, 0o644); err != nil {
		return fmt.Errorf("release the result: %w", err)
	}
	return nil
}

// awaitRelease returns when the result was fetched. When the pod was told to end, it has
// little time left for that.
func awaitRelease(ctx context.Context) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("wait until the result is fetched: %w", err)
	}
	defer watcher.Close()
	if err := watcher.Add(shards.WorkDir); err != nil {
		return fmt.Errorf("wait until the result is fetched: %w", err)
	}
	budget, told := timeouts.ResultFetched, ctx.Done()
	limit := time.NewTimer(budget.Limit)
	defer limit.Stop()
	for {
		if _, err := os.Stat(releasedFile); err == nil {
			return nil
		}
		select {
		case <-watcher.Events:
		case <-watcher.Errors: // a lost notice is made up for by the next one
		case <-told:
			budget, told = timeouts.ResultFetchedAtLast, nil
			limit.Reset(budget.Limit)
		case <-limit.C:
			return fmt.Errorf("nobody has fetched the result within %s (timeouts.%s): the muster that started this run has ended; muster clean --run removes what it left", budget.Limit, budget.Name)
		}
	}
}

// logEnd is the end of a log, or why it cannot be read.
func logEnd(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-logTail):])
}
