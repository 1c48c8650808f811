package api

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Keys of BackingImage.spec.sourceParameters and of bi handles.
const (
	ImageURL           = "url"
	ImageExportType    = "export-type"
	ImageVolumeName    = "volume-name"
	ImageCloneOf       = "backing-image"
	ImageExportRaw     = "raw"
	ImageExportQCOW2   = "qcow2"
	imageCutAnnotation = "longhorn.io/cut-at"
	// ImageDisk is the key of the only disk in BackingImage.status.diskFileStatusMap.
	ImageDisk = "default-disk"
	// ReasonImageNotReady is the reason of a volume's condition WaitForBackingImage.
	ReasonImageNotReady = "BackingImageNotReady"
)

var (
	imageName = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]+$`)
	sha512Hex = regexp.MustCompile(`^[a-f0-9]{128}$`)
)

// NewBackingImage returns a BackingImage whose data are to be on the node.
func NewBackingImage(namespace, name, node string, from longhorn.BackingImageDataSourceType, parameters map[string]string) *longhorn.BackingImage {
	return &longhorn.BackingImage{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: namespace, Finalizers: []string{Finalizer}, Labels: map[string]string{DataNodeLabel: node},
		},
		Spec: longhorn.BackingImageSpec{
			SourceType: from, SourceParameters: maps.Clone(parameters), MinNumberOfCopies: 1, DataEngine: longhorn.DataEngineTypeV1,
		},
	}
}

// CheckBackingImage returns what stands against the image for good, whoever has
// made it: its name, checksum, URL or export type (C-41, R-50, R-55).
func CheckBackingImage(image *longhorn.BackingImage) error {
	if !imageName.MatchString(image.Name) {
		return fmt.Errorf("invalid name %q of a backing image: use lower-case letters, digits, _, . and -, at least two of them, beginning with a letter or digit", image.Name)
	}
	if sum := image.Spec.Checksum; sum != "" && !sha512Hex.MatchString(sum) {
		return fmt.Errorf("invalid checksum %q of backing image %s: it must be the SHA-512 in 128 lower-case hex digits", sum, image.Name)
	}
	parameters := image.Spec.SourceParameters
	switch image.Spec.SourceType {
	case longhorn.BackingImageDataSourceTypeExportFromVolume:
		if kind := parameters[ImageExportType]; kind != ImageExportRaw && kind != ImageExportQCOW2 {
			return fmt.Errorf("unsupported export type %q of backing image %s: use raw or qcow2", kind, image.Name)
		}
	case longhorn.BackingImageDataSourceTypeDownload:
		return checkImageURL(parameters[ImageURL])
	}
	return nil
}

// checkImageURL lets http and https through. What the host may be is decided
// where its address is known.
func checkImageURL(text string) error {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return fmt.Errorf("invalid url of a backing image: it must begin with http:// or https:// and a host")
	}
	return nil
}

// ImageFile returns the state of the image's only copy, in a new entry when there is none yet.
func ImageFile(image *longhorn.BackingImage) longhorn.BackingImageDiskFileStatus {
	if file := image.Status.DiskFileStatusMap[ImageDisk]; file != nil {
		return *file
	}
	return longhorn.BackingImageDiskFileStatus{DataEngine: longhorn.DataEngineTypeV1}
}

// SetImageFile notes the state of the image's only copy. Progress is in percent.
func SetImageFile(image *longhorn.BackingImage, state longhorn.BackingImageState, progress int, message string) {
	file := ImageFile(image)
	if file.State != state {
		file.LastStateTransitionTime = now()
	}
	file.State, file.Progress, file.Message = state, progress, message
	image.Status.DiskFileStatusMap = map[string]*longhorn.BackingImageDiskFileStatus{ImageDisk: &file}
}

// ImageReady reports whether volumes can be made from the image.
func ImageReady(image *longhorn.BackingImage) bool {
	return ImageFile(image).State == longhorn.BackingImageStateReady
}

// ImageFailure says why there is no image, "" while it may still come.
func ImageFailure(image *longhorn.BackingImage) string {
	file := ImageFile(image)
	if file.State != longhorn.BackingImageStateFailed {
		return ""
	}
	return file.Message
}

// ImageCut returns when the image was cut from its volume, and whether it was.
func ImageCut(image *longhorn.BackingImage) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, image.Annotations[imageCutAnnotation])
	return at, err == nil
}

// SetImageCut notes when the image was cut from its volume.
func SetImageCut(image *longhorn.BackingImage, at time.Time) {
	if image.Annotations == nil {
		image.Annotations = map[string]string{}
	}
	image.Annotations[imageCutAnnotation] = at.UTC().Format(time.RFC3339Nano)
}

// AwaitingImage reports whether the volume waits for the image that it begins with.
func AwaitingImage(volume *longhorn.Volume) bool {
	return volume.Spec.BackingImage != "" && ProvisionedBytes(volume) == 0
}

// Selector reads a comma-separated list of tags; empty text is an empty list.
func Selector(text string) []string {
	return slices.DeleteFunc(strings.Split(text, ","), func(tag string) bool { return tag == "" })
}
