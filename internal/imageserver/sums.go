package imageserver

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"io"
)

// Sums is what an image holds.
type Sums struct {
	// Size is the file's, in bytes.
	Size int64 `json:"size"`
	// VirtualSize is that of the smallest volume that shows all of the image, in bytes.
	VirtualSize int64 `json:"virtualSize"`
	// SHA512 is that of the file, in hex: Longhorn's checksum of a backing image.
	SHA512 string `json:"sha512"`
	// SHA256Content is that of what a volume of VirtualSize bytes shows, in hex. It
	// is empty for images that name another file, whose content nobody may show.
	SHA256Content string `json:"sha256Content"`
}

// sums reads the image once and remembers what it found.
func (s *store) sums(ctx context.Context, i image) (Sums, error) {
	file, err := s.open(ctx, i)
	if err != nil {
		return Sums{}, err
	}
	defer file.Close()
	e := s.lock(i.name)
	defer e.mutex.Unlock()
	if e.sums != nil {
		return *e.sums, nil
	}
	whole := sha512.New()
	size, err := io.Copy(whole, file)
	if err != nil {
		return Sums{}, err
	}
	sums := Sums{Size: size, VirtualSize: i.content.size, SHA512: hex.EncodeToString(whole.Sum(nil))}
	if i.backing == "" && i.dataFile == "" {
		shown := sha256.New()
		if err := i.content.write(ctx, shown); err != nil {
			return Sums{}, err
		}
		sums.SHA256Content = hex.EncodeToString(shown.Sum(nil))
	}
	e.sums = &sums
	return sums, nil
}
