package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/deviation"
)

// This file holds the machinery of planted defects that are more than a line
// at the place where they err.

const (
	// lateBy is how long after its readiness a late cut happens.
	lateBy = 3 * time.Second
	// lagInterval is how often a lagging copy follows its volume. The cut is
	// made from the older of two, so it lags at least that much.
	lagInterval = 2 * time.Second
)

// cutLater makes the data of a snapshot some time after it was reported ready.
func (e *Engine) cutLater(volume, snapshot string) {
	time.AfterFunc(lateBy, func() {
		ctx := context.Background() // no caller is left to wait for it
		unlock, err := e.locks.lock(ctx, volume)
		if err != nil {
			return
		}
		defer unlock()
		temp := filepath.Join(e.snapshotDir(volume, snapshot), tempPrefix+dataFile)
		if err := e.cutData(volume, temp, e.deviates(deviation.CutLosesAcknowledged)); err != nil {
			warn(ctx, "late cut failed", volume, err)
			return
		}
		if err := os.Rename(temp, e.dataPath(volume, snapshot)); err != nil {
			warn(ctx, "late cut failed", volume, err)
		}
	})
}

// laggingCopies follows every attached volume with copies that lag behind.
type laggingCopies struct {
	mu     sync.Mutex
	cancel context.CancelFunc
	done   chan struct{}
}

func (l *laggingCopies) start(e *Engine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background()) // lives until stop
	done := make(chan struct{})
	l.cancel, l.done = cancel, done
	go func() {
		defer close(done)
		ticker := time.NewTicker(lagInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				e.followAll(ctx)
			}
		}
	}()
}

func (l *laggingCopies) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel != nil {
		l.cancel()
		<-l.done
		l.cancel = nil
	}
}

func (e *Engine) lagPath(volume, generation string) string {
	return filepath.Join(e.volumeDir(volume), tempPrefix+"lag-"+generation)
}

func (e *Engine) followAll(ctx context.Context) {
	e.mu.Lock()
	var volumes []string
	for volume := range e.attached {
		volumes = append(volumes, volume)
	}
	e.mu.Unlock()
	for _, volume := range volumes {
		if err := e.follow(ctx, volume); err != nil {
			warn(ctx, "lagging copy failed", volume, err)
		}
	}
}

func (e *Engine) follow(ctx context.Context, volume string) error {
	unlock, err := e.locks.lock(ctx, volume)
	if err != nil {
		return err
	}
	defer unlock()
	newer, older := e.lagPath(volume, "newer"), e.lagPath(volume, "older")
	if err := os.Rename(newer, older); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return e.duplicate(e.headPath(volume), newer)
}

// laggingCopy returns the older copy of a volume, or the volume itself before
// there is one.
func (e *Engine) laggingCopy(volume string) string {
	if path := e.lagPath(volume, "older"); exists(path) {
		return path
	}
	return e.headPath(volume)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// hasFileSystem tells a volume with ext4 or XFS from a raw one.
func hasFileSystem(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, 4096)
	if _, err := io.ReadFull(file, start); err != nil {
		return false
	}
	return bytes.HasPrefix(start, []byte("XFSB")) || bytes.Equal(start[0x438:0x43a], []byte{0x53, 0xef})
}

// zeroLastAllocated overwrites the last length bytes that hold data with zeros.
func zeroLastAllocated(path string, length int64) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	var end int64
	for offset := int64(0); ; offset = end {
		start, err := unix.Seek(int(file.Fd()), offset, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			break
		}
		if err != nil {
			return err
		}
		if end, err = unix.Seek(int(file.Fd()), start, unix.SEEK_HOLE); err != nil {
			return err
		}
	}
	start := max(0, end-length)
	_, err = file.WriteAt(make([]byte, end-start), start)
	return err
}
