package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/engine"
)

const (
	mib   = int64(1 << 20)
	block = 2 * mib
)

// kind is what the data are like.
type kind string

const (
	random kind = "random"
	half   kind = "half-compressible"
)

// fill writes new data of a kind at offset, length bytes, through the volume's device.
func fill(device *os.File, k kind, seed uint64, offset, length int64) error {
	source := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	piece := make([]byte, min(length, block))
	for done := int64(0); done < length; done += int64(len(piece)) {
		_, _ = source.Read(piece) // documented never to fail
		if k == half {
			for at := 2048; at < len(piece); at += 4096 {
				clear(piece[at:min(at+2048, len(piece))])
			}
		}
		if _, err := device.WriteAt(piece, offset+done); err != nil {
			return fmt.Errorf("write to %s: %w", device.Name(), err)
		}
	}
	return device.Sync()
}

// volume makes a volume full of data and returns its device for further writes.
func (b *bench) volume(ctx context.Context, name string, k kind, size int64) (*os.File, error) {
	if err := b.data.CreateVolume(ctx, name, size); err != nil {
		return nil, err
	}
	path, err := b.data.Attach(ctx, name)
	if err != nil {
		return nil, err
	}
	device, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return device, fill(device, k, uint64(len(name)), 0, size)
}

// drop removes a volume.
func (b *bench) drop(ctx context.Context, name string, device *os.File) error {
	if device != nil {
		device.Close()
	}
	return b.data.DeleteVolume(ctx, name)
}

// snapshotFile opens the data of a snapshot.
func (b *bench) snapshotFile(volume, snapshot string) (*os.File, error) {
	reader, err := engine.OpenReader(b.engineDir)
	if err != nil {
		return nil, err
	}
	return reader.Open(volume, snapshot)
}

// coolDown takes the snapshot's data out of the page cache, the same for
// everybody: volumes that are backed up are rarely there.
func (b *bench) coolDown(volume, snapshot string) error {
	file, err := b.snapshotFile(volume, snapshot)
	if err != nil {
		return err
	}
	defer file.Close()
	return unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)
}
