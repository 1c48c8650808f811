package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

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

// make fills piece with data that no other seed gives. Of a page of half-compressible
// data one half is random and one is zeros.
func (k kind) make(piece []byte, seed uint64) {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	_, _ = rand.NewChaCha8(key).Read(piece) // documented never to fail
	if k != half {
		return
	}
	for at := 2048; at < len(piece); at += 4096 {
		clear(piece[at:min(at+2048, len(piece))])
	}
}

// write puts new data, at most a block, at offset.
func (b *bench) write(device *os.File, k kind, offset, length int64) error {
	b.seed++
	piece := make([]byte, length)
	k.make(piece, b.seed)
	if _, err := device.WriteAt(piece, offset); err != nil {
		return fmt.Errorf("write to %s: %w", device.Name(), err)
	}
	return nil
}

// wholeSize is the size in bytes of a volume of about so many MiB: whole blocks, as Longhorn wants it.
func wholeSize(mibs int64) int64 { return mibs * mib / block * block }

// fullVolume makes a volume of size bytes, whole blocks, full of data and leaves it attached.
func (b *bench) fullVolume(ctx context.Context, name string, k kind, size int64) error {
	if err := b.data.CreateVolume(ctx, name, size); err != nil {
		return err
	}
	device, err := b.attach(ctx, name)
	if err != nil {
		return err
	}
	for offset := int64(0); offset < size; offset += block {
		if ctx.Err() != nil {
			return fmt.Errorf("fill volume %s: %w", name, context.Cause(ctx))
		}
		if err := b.write(device, k, offset, block); err != nil {
			return err
		}
	}
	return device.Sync()
}

// attach opens the device of a volume, until drop closes it.
func (b *bench) attach(ctx context.Context, name string) (*os.File, error) {
	path, err := b.data.Attach(ctx, name)
	if err != nil {
		return nil, err
	}
	device, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	b.devices[name] = device
	return device, nil
}

// drop removes a volume and its device.
func (b *bench) drop(ctx context.Context, name string) error {
	var err error
	if device := b.devices[name]; device != nil {
		err = device.Close()
		delete(b.devices, name)
	}
	return errors.Join(err, b.data.DeleteVolume(ctx, name))
}

// snapshotFile opens the data of a snapshot.
func (b *bench) snapshotFile(s subject) (*os.File, error) {
	reader, err := engine.OpenReader(b.engineDir)
	if err != nil {
		return nil, err
	}
	return reader.Open(s.volume, s.snapshot)
}
