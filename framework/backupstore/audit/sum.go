package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// SHA256 returns the SHA-256, in hex, of length bytes from offset of what a
// backup restores to; where it has no block there are zeros. It holds one block
// in memory. A range that the volume, at its latest size, does not have is an
// error.
func SHA256(ctx context.Context, store Store, volume, backup string, offset, length int64) (string, error) {
	img, err := openImage(ctx, store, volume, backup)
	if err != nil {
		return "", err
	}
	if offset < 0 || length < 0 || offset > img.size || length > img.size-offset {
		return "", fmt.Errorf("volume %s has %d bytes, so there are no %d bytes from offset %d: ask for less", volume, img.size, length, offset)
	}
	hash := sha256.New()
	if err := img.copy(ctx, hash, offset, offset+length); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// copy writes the bytes from begin to before end, in order.
func (i *image) copy(ctx context.Context, to io.Writer, begin, end int64) error {
	var content buffer
	at := begin
	for _, block := range i.blocks {
		from, until := max(block.Offset, at), min(block.Offset+i.enc.size, end)
		if from >= until {
			continue
		}
		if err := writeZeros(ctx, to, from-at); err != nil {
			return err
		}
		if err := i.read(ctx, block, &content); err != nil {
			return err
		}
		if _, err := to.Write(content.content[from-block.Offset : until-block.Offset]); err != nil {
			return err
		}
		at = until
	}
	return writeZeros(ctx, to, end-at)
}

var zeros [1 << 20]byte

func writeZeros(ctx context.Context, to io.Writer, count int64) error {
	for count > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(count, int64(len(zeros)))
		if _, err := to.Write(zeros[:n]); err != nil {
			return err
		}
		count -= n
	}
	return nil
}
