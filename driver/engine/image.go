package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/driver/deviation"
)

const (
	// RawFile is what an image shows to volumes, in its directory.
	RawFile = "raw.img"
	// OwnFile is the image in its own format where that is not raw.
	OwnFile = "image.qcow2"
	// imageMetaFile is there once the image is complete, or was cut from its volume.
	imageMetaFile = "meta.json"
	// FormatRaw is the Format of an image whose file is RawFile.
	FormatRaw = "raw"
)

// ImageFacts is what the maker of an image knows of it.
type ImageFacts struct {
	// Format is "raw", or "qcow2" when the file of that format is OwnFile.
	Format string `json:"format"`
	// SHA512 is that of the file in its own format, in lower-case hex.
	SHA512 string `json:"sha512"`
}

// ImageInfo describes an image.
type ImageInfo struct {
	ImageFacts
	// Name is the name given at creation.
	Name string
	// SizeBytes is the size of the file in its own format, RealBytes what the pool keeps for it.
	SizeBytes, RealBytes int64
	// VirtualBytes is how much of a volume the image fills.
	VirtualBytes int64
	// CutAt is when its content was cut from a volume, zero for any other image.
	CutAt time.Time
	// Complete is false while only the cut was made.
	Complete bool
}

// imageMeta is the content of imageMetaFile.
type imageMeta struct {
	ImageFacts
	CutAt    time.Time `json:"cutAt,omitzero"`
	Complete bool      `json:"complete"`
}

func (e *Engine) imagesDir() string           { return filepath.Join(e.root, "images") }
func (e *Engine) imageDir(name string) string { return filepath.Join(e.imagesDir(), name) }

// imageLock is the name under which an image is locked; no volume can have it.
func imageLock(name string) string { return "image/" + name }

// CutImage keeps in a new image what the volume contains now, as CreateSnapshot
// does. The image is not complete until BuildImage has described it. One that
// was cut before is returned as it is.
func (e *Engine) CutImage(ctx context.Context, name, volume string) (ImageInfo, error) {
	if err := errors.Join(checkName("image", name), checkName("volume", volume)); err != nil {
		return ImageInfo{}, err
	}
	if info, err := e.Image(name); !errors.Is(err, ErrNotFound) {
		return info, err
	}
	e.flush(ctx, volume)
	unlock, err := e.locks.lock(ctx, volume, imageLock(name))
	if err != nil {
		return ImageInfo{}, err
	}
	defer unlock()
	if info, err := e.Image(name); !errors.Is(err, ErrNotFound) {
		return info, err // a concurrent call was first
	}
	if err := e.cutImage(name, volume); err != nil {
		return ImageInfo{}, fmt.Errorf("cut image %s from volume %s: %w", name, volume, explain(err))
	}
	return e.Image(name)
}

func (e *Engine) cutImage(name, volume string) error {
	if !exists(e.headPath(volume)) {
		return volumeNotFound(volume)
	}
	temp, err := freshTemp(e.imageDir(name))
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp) // gone after publish
	meta := imageMeta{ImageFacts: ImageFacts{Format: FormatRaw}, CutAt: time.Now().UTC()}
	if err := e.cutData(volume, filepath.Join(temp, RawFile), e.deviates(deviation.ImageLosesAcknowledged)); err != nil {
		return err
	}
	if e.deviates(deviation.ImageShortTail) {
		if err := zeroLastAllocated(filepath.Join(temp, RawFile), 1<<20); err != nil {
			return err
		}
	}
	if err := writeImageMeta(temp, meta); err != nil {
		return err
	}
	return publish(temp, e.imageDir(name))
}

// BuildImage completes an image: build writes RawFile, and OwnFile for another
// format than raw, into the image's directory, where it finds what CutImage or an
// interrupted build has left. A complete image is returned as it is. A failed
// build leaves its files, so that a download can be continued.
func (e *Engine) BuildImage(ctx context.Context, name string, build func(dir string) (ImageFacts, error)) (ImageInfo, error) {
	if err := checkName("image", name); err != nil {
		return ImageInfo{}, err
	}
	unlock, err := e.locks.lock(ctx, imageLock(name))
	if err != nil {
		return ImageInfo{}, err
	}
	defer unlock()
	before, err := e.Image(name)
	if err == nil && before.Complete {
		return before, nil
	}
	dir := e.imageDir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return ImageInfo{}, fmt.Errorf("make image %s: %w", name, explain(err))
	}
	facts, err := build(dir)
	if err != nil {
		return ImageInfo{}, fmt.Errorf("make image %s: %w", name, explain(err))
	}
	if err := finishImage(dir, imageMeta{ImageFacts: facts, CutAt: before.CutAt, Complete: true}); err != nil {
		return ImageInfo{}, fmt.Errorf("make image %s: %w", name, explain(err))
	}
	return e.Image(name)
}

// finishImage makes the files last, then the note that they are complete.
func finishImage(dir string, meta imageMeta) error {
	files := []string{RawFile}
	if meta.Format != FormatRaw {
		files = append(files, OwnFile)
	}
	for _, file := range files {
		if err := syncPath(filepath.Join(dir, file)); err != nil {
			return err
		}
	}
	return writeImageMeta(dir, meta)
}

func writeImageMeta(dir string, meta imageMeta) error {
	content, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	temp := filepath.Join(dir, tempPrefix+imageMetaFile)
	if err := writeSynced(temp, content); err != nil {
		return err
	}
	if err := os.Rename(temp, filepath.Join(dir, imageMetaFile)); err != nil {
		return err
	}
	return syncPath(dir)
}

// CopyImage gives the unfinished image in dir, which BuildImage named, the files of another that is complete.
func (e *Engine) CopyImage(ctx context.Context, from, dir string) (ImageFacts, error) {
	if err := checkName("image", from); err != nil {
		return ImageFacts{}, err
	}
	unlock, err := e.locks.lock(ctx, imageLock(from))
	if err != nil {
		return ImageFacts{}, err
	}
	defer unlock()
	info, err := e.Image(from)
	if err != nil {
		return ImageFacts{}, err
	}
	if !info.Complete {
		return ImageFacts{}, fmt.Errorf("image %s is not complete: %w", from, ErrNotFound)
	}
	files := []string{RawFile}
	if info.Format != FormatRaw {
		files = append(files, OwnFile)
	}
	for _, file := range files {
		target := filepath.Join(dir, file)
		if err := os.RemoveAll(target); err != nil {
			return ImageFacts{}, err
		}
		if err := e.duplicate(filepath.Join(e.imageDir(from), file), target); err != nil {
			return ImageFacts{}, err
		}
	}
	return info.ImageFacts, nil
}

// CloneImage makes a volume of size bytes that begins with the image and is zero
// behind it, in a time that does not depend on its size. A volume smaller than
// the image is ErrTooSmall; an existing one of the same size is fine.
func (e *Engine) CloneImage(ctx context.Context, volume string, size int64, image string) error {
	if err := checkName("image", image); err != nil {
		return err
	}
	return e.makeVolume(ctx, volume, size, func(head string) error {
		info, err := e.Image(image)
		if err != nil {
			return err
		}
		switch {
		case !info.Complete:
			return fmt.Errorf("image %s is not complete: %w", image, ErrNotFound)
		case info.VirtualBytes > size && !e.deviates(deviation.ImageVolumeSmaller):
			return fmt.Errorf("image %s has %d bytes, the volume would have %d: %w", image, info.VirtualBytes, size, ErrTooSmall)
		case e.deviates(deviation.ImageVolumeEmpty):
			return writeSynced(head, nil)
		case e.deviates(deviation.ImageShared):
			return os.Link(filepath.Join(e.imageDir(image), RawFile), head)
		}
		return e.duplicate(filepath.Join(e.imageDir(image), RawFile), head)
	}, imageLock(image))
}

// Image returns what is known of an image that was cut or is complete, or ErrNotFound.
func (e *Engine) Image(name string) (ImageInfo, error) {
	if err := checkName("image", name); err != nil {
		return ImageInfo{}, err
	}
	dir := e.imageDir(name)
	content, err := os.ReadFile(filepath.Join(dir, imageMetaFile))
	if errors.Is(err, fs.ErrNotExist) {
		return ImageInfo{}, fmt.Errorf("image %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return ImageInfo{}, fmt.Errorf("read image %s: %w", name, err)
	}
	var meta imageMeta
	if err := json.Unmarshal(content, &meta); err != nil {
		return ImageInfo{}, fmt.Errorf("read image %s: %w", name, err)
	}
	info := ImageInfo{ImageFacts: meta.ImageFacts, Name: name, CutAt: meta.CutAt, Complete: meta.Complete}
	return info, info.measure(dir)
}

// measure reads the sizes of the image's files.
func (i *ImageInfo) measure(dir string) error {
	var raw, own unix.Stat_t
	if err := unix.Stat(filepath.Join(dir, RawFile), &raw); err != nil {
		return fmt.Errorf("read image %s: %w", i.Name, err)
	}
	own = raw
	if i.Complete && i.Format != FormatRaw {
		if err := unix.Stat(filepath.Join(dir, OwnFile), &own); err != nil {
			return fmt.Errorf("read image %s: %w", i.Name, err)
		}
	}
	i.VirtualBytes, i.SizeBytes, i.RealBytes = raw.Size, own.Size, raw.Blocks*512
	return nil
}

// Images returns the names of all images in order, unfinished ones too.
func (e *Engine) Images() ([]string, error) {
	names, err := namesIn(e.imagesDir())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list images: %w", err)
	}
	return names, nil
}

// DeleteImage removes an image, finished or not; volumes made from it stay
// whole. A missing one is fine.
func (e *Engine) DeleteImage(ctx context.Context, name string) error {
	if err := checkName("image", name); err != nil {
		return err
	}
	unlock, err := e.locks.lock(ctx, imageLock(name))
	if err != nil {
		return err
	}
	defer unlock()
	if err := discard(e.imageDir(name)); err != nil {
		return fmt.Errorf("delete image %s: %w", name, explain(err))
	}
	return nil
}
