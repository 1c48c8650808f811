package audit

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Restore writes what a backup holds to target, from the store alone. Every
// block is verified before it is written. Nothing is written where the backup
// has no block: target must read as zeros there, as a new file does. Up to four
// blocks are written at the same time.
func Restore(ctx context.Context, store Store, volume, backup string, target io.WriterAt) error {
	img, err := openImage(ctx, store, volume, backup)
	if err != nil {
		return err
	}
	buffers := sync.Pool{New: func() any { return &buffer{} }}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, block := range img.blocks {
		group.Go(func() error {
			content := buffers.Get().(*buffer)
			defer buffers.Put(content)
			if err := img.read(ctx, block, content); err != nil {
				return err
			}
			if _, err := target.WriteAt(content.content, block.Offset); err != nil {
				return fmt.Errorf("cannot write the block at offset %d of %s/%s: %w", block.Offset, volume, backup, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// image is a backup that can be read.
type image struct {
	store  Store
	at     folder
	name   string
	size   int64 // of the volume in bytes
	enc    encoding
	blocks []Mapping // ascending
}

// openImage reads both cfgs. A backup in progress and one whose list of blocks
// is impossible are errors.
func openImage(ctx context.Context, store Store, volume, name string) (*image, error) {
	for _, word := range []string{volume, name} {
		if !validName.MatchString(word) {
			return nil, fmt.Errorf("%q is no name of a volume or backup", word)
		}
	}
	img := &image{store: store, at: folderOf(volume), name: name}
	var v volumeConfig
	if err := readConfig(ctx, store, img.at.config(), &v); err != nil {
		return nil, fmt.Errorf("cannot restore from volume %s: %w", volume, err)
	}
	var b backupConfig
	if err := readConfig(ctx, store, img.at.backup(name), &b); err != nil {
		return nil, img.failed(err)
	}
	if b.inProgress() {
		return nil, img.failed(faultf("it is in progress: wait until it is finished"))
	}
	var err error
	if img.enc, err = b.encoding(); err != nil {
		return nil, img.failed(err)
	}
	if v.Size <= 0 {
		return nil, img.failed(faultf("the volume's size is %d bytes", v.Size))
	}
	if fault := checkMap(b.Blocks, img.enc.size, v.Size); fault != nil && fault.lost {
		return nil, img.failed(faulty{fault.text})
	}
	slices.SortStableFunc(b.Blocks, func(x, y Mapping) int { return cmp.Compare(x.Offset, y.Offset) })
	img.size, img.blocks = v.Size, b.Blocks
	return img, nil
}

func (i *image) failed(err error) error {
	return fmt.Errorf("cannot restore backup %s of volume %s: %w", i.name, i.at.volume, err)
}

// read puts a block's content into the buffer.
func (i *image) read(ctx context.Context, block Mapping, into *buffer) error {
	if err := readBlock(ctx, i.store, i.at, block.Checksum, i.enc, into); err != nil {
		return i.failed(fmt.Errorf("block %s at offset %d: %w", i.at.block(block.Checksum), block.Offset, err))
	}
	return nil
}
