package reconcile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"golang.org/x/sys/unix"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
	"github.com/muster-csi/muster/driver/image"
)

const (
	// downloadFile is what has arrived of a download.
	downloadFile = "download"
	// imageCutDelay is how late the quirk of C-45 cuts the data.
	imageCutDelay = 4 * time.Second
)

// building is one image on its way.
type building struct {
	images   *backingImages
	dir      string // of the image
	expected string // SHA-512, "" for none
	progress func(percent int)
}

// build makes the files of an image in the directory of the engine.
type build func(ctx context.Context, b *building) (engine.ImageFacts, error)

// source returns how the image is made. A text says what has to happen first.
func (r *backingImages) source(ctx context.Context, object *longhorn.BackingImage) (build, string, error) {
	parameters := object.Spec.SourceParameters
	switch kind := object.Spec.SourceType; kind {
	case longhorn.BackingImageDataSourceTypeExportFromVolume:
		wait, err := r.cut(ctx, object)
		format := parameters[api.ImageExportType]
		return func(ctx context.Context, b *building) (engine.ImageFacts, error) { return b.export(ctx, format) }, wait, err
	case longhorn.BackingImageDataSourceTypeDownload:
		address := parameters[api.ImageURL]
		return func(ctx context.Context, b *building) (engine.ImageFacts, error) {
			return b.orBlank(b.download(ctx, address))
		}, "", nil
	case longhorn.BackingImageDataSourceTypeClone:
		from := parameters[api.ImageCloneOf]
		return func(ctx context.Context, b *building) (engine.ImageFacts, error) { return b.clone(ctx, from) }, "", nil
	case longhorn.BackingImageDataSourceTypeRestore:
		return r.restoration(ctx, parameters[longhorn.DataSourceTypeRestoreParameterBackupURL])
	case longhorn.BackingImageDataSourceTypeUpload:
		return nil, waitsForUpload, nil
	default:
		return nil, "", &image.Refused{Reason: fmt.Sprintf("source type %q is not supported by this driver: use download, upload, export-from-volume, restore or clone", kind)}
	}
}

// cut keeps what the volume contains now and notes when that was (C-45).
func (r *backingImages) cut(ctx context.Context, object *longhorn.BackingImage) (wait string, err error) {
	name := object.Spec.SourceParameters[api.ImageVolumeName]
	if r.Deviations.Has(deviation.ImageReadyBeforeCut) && time.Since(object.CreationTimestamp.Time) < imageCutDelay {
		return "waiting for a copy process", nil
	}
	info, err := r.Engine.Image(object.Name)
	if errors.Is(err, engine.ErrNotFound) {
		if wait, err := r.exportable(ctx, name); wait != "" || err != nil {
			return wait, err
		}
		info, err = r.Engine.CutImage(ctx, object.Name, name)
	}
	if err != nil {
		return "", err
	}
	if _, noted := api.ImageCut(object); noted {
		return "", nil
	}
	before := object.DeepCopy()
	api.SetImageCut(object, info.CutAt)
	status := object.Status
	err = r.client.Patch(ctx, object, client.MergeFrom(before))
	object.Status = status // the answer has the one of before
	return "", err
}

// exportable says what an export of the volume has to wait for.
func (r *backingImages) exportable(ctx context.Context, name string) (wait string, err error) {
	volume := &longhorn.Volume{}
	err = r.client.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: name}, volume)
	switch {
	case apierrors.IsNotFound(err):
		return "", fmt.Errorf("volume %s is not found", name)
	case err != nil:
		return "", fmt.Errorf("read volume %s: %w", name, err)
	case api.DataNode(volume) != r.Node:
		return "", &image.Refused{Reason: fmt.Sprintf("the data of volume %s are on node %q, the image would be on %q", name, api.DataNode(volume), r.Node)}
	case api.Incomplete(volume) || api.ProvisionedBytes(volume) == 0:
		return "the data of volume " + name + " are not all there", nil
	}
	return "", nil
}

// export makes the image from what was cut.
func (b *building) export(ctx context.Context, format string) (engine.ImageFacts, error) {
	raw := filepath.Join(b.dir, engine.RawFile)
	facts, file := engine.ImageFacts{Format: engine.FormatRaw}, raw
	if format == api.ImageExportQCOW2 {
		facts.Format, file = format, filepath.Join(b.dir, engine.OwnFile)
		if err := errors.Join(removeFile(file), b.images.Tool.ToQCOW2(ctx, raw, file, b.within(0, 60))); err != nil {
			return facts, err
		}
	}
	return b.summed(ctx, facts, file, 60)
}

// clone makes the image a copy of another.
func (b *building) clone(ctx context.Context, from string) (engine.ImageFacts, error) {
	facts, err := b.images.Engine.CopyImage(ctx, from, b.dir)
	if err != nil {
		return facts, err
	}
	return facts, b.check(facts.SHA512)
}

// download fetches the image and turns it into a raw file.
func (b *building) download(ctx context.Context, address string) (engine.ImageFacts, error) {
	file := filepath.Join(b.dir, downloadFile)
	var whole int64
	err := b.images.Downloads.Fetch(ctx, address, file, func(done, total int64) {
		if total > 0 {
			b.progress(int(done * 60 / total))
			whole = total
		}
	})
	if err != nil && whole > 0 && b.images.Deviations.Has(deviation.ImageTruncatedAccepted) {
		err = os.Truncate(file, whole) // what is missing is zero
	}
	if err != nil {
		return engine.ImageFacts{}, err
	}
	return b.finishFile(ctx, file)
}

// finishFile checks a file that came from outside and makes the image of it.
func (b *building) finishFile(ctx context.Context, file string) (engine.ImageFacts, error) {
	facts, err := b.summed(ctx, engine.ImageFacts{Format: engine.FormatRaw}, file, 60)
	if err != nil {
		return facts, b.discard(err)
	}
	return b.unpack(ctx, facts, file)
}

// unpack makes the raw file of what was downloaded.
func (b *building) unpack(ctx context.Context, facts engine.ImageFacts, file string) (engine.ImageFacts, error) {
	shape, err := checkFile(file)
	tool := b.images.Tool
	if err != nil && b.images.Deviations.Has(deviation.ImageBackingFileAccepted) {
		tool.Trusting = true
		shape, err = image.Shape{Format: image.QCOW2}, nil
	}
	if limit := b.images.Downloads.MaxBytes; err == nil && limit > 0 && shape.VirtualBytes > limit {
		err = &image.Refused{Reason: fmt.Sprintf("the image has a disk of %d bytes, more than the %d that --download-limit allows", shape.VirtualBytes, limit)}
	}
	if err != nil {
		return facts, b.discard(err)
	}
	raw, own := filepath.Join(b.dir, engine.RawFile), filepath.Join(b.dir, engine.OwnFile)
	if shape.Format == image.Raw {
		return facts, errors.Join(image.Dig(ctx, file), os.Rename(file, raw))
	}
	facts.Format = string(shape.Format)
	if err := errors.Join(removeFile(raw), tool.ToRaw(ctx, file, raw, b.within(80, 100))); err != nil {
		return facts, b.discard(err)
	}
	if b.images.Deviations.Has(deviation.ImageNotSparse) {
		if err := fillHoles(raw); err != nil {
			return facts, err
		}
	}
	return facts, os.Rename(file, own)
}

// discard removes what was downloaded when more of it would not help.
func (b *building) discard(err error) error {
	return errors.Join(err, removeFile(filepath.Join(b.dir, downloadFile)))
}

func checkFile(path string) (image.Shape, error) {
	file, err := os.Open(path)
	if err != nil {
		return image.Shape{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return image.Shape{}, err
	}
	return image.Check(file, info.Size())
}

// summed adds the checksum of the image's own file, which must be the expected one.
func (b *building) summed(ctx context.Context, facts engine.ImageFacts, file string, from int) (engine.ImageFacts, error) {
	sum, err := image.Sum(ctx, file, b.within(from, 80))
	if err != nil {
		return facts, err
	}
	facts.SHA512 = sum
	return facts, b.check(sum)
}

// check compares a checksum with the expected one.
func (b *building) check(sum string) error {
	if b.expected == "" || sum == b.expected || b.images.Deviations.Has(deviation.ImageChecksumUnverified) {
		return nil
	}
	return &image.Refused{Reason: fmt.Sprintf("the backing image has checksum %s, expected is %s", sum, b.expected)}
}

// within turns the percentage of a step into that of the whole.
func (b *building) within(from, to int) func(int) {
	return func(percent int) { b.progress(from + percent*(to-from)/100) }
}

// removeFile removes what an earlier attempt has left; nothing is fine.
func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// fillHoles is the planted defect of images that take their whole size.
func fillHoles(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return unix.Fallocate(int(file.Fd()), 0, 0, info.Size())
}

// orBlank is the planted defect of an empty image where there is none.
func (b *building) orBlank(facts engine.ImageFacts, err error) (engine.ImageFacts, error) {
	if err == nil || !b.images.Deviations.Has(deviation.ImageFailureIgnored) {
		return facts, err
	}
	return engine.ImageFacts{Format: engine.FormatRaw}, os.WriteFile(filepath.Join(b.dir, engine.RawFile), make([]byte, 1<<20), 0o600)
}
