package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"github.com/onsi/ginkgo/v2"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Keys of a bi handle that are no parameters of the image's source.
const (
	HandleImage    = "backingImage"
	HandleSource   = "backingImageDataSourceType"
	HandleChecksum = "backingImageChecksum"
)

// ImageHandle is the handle of a backing image with these keys, properly escaped.
func ImageHandle(name, source string, keys map[string]string) string {
	values := url.Values{HandleImage: {name}, HandleSource: {source}}
	for key, value := range keys {
		values.Set(key, value)
	}
	return "bi://backing?" + values.Encode()
}

// HandleKeys takes a bi handle apart; their order means nothing (clause H-05).
func HandleKeys(handle string) (map[string]string, error) {
	address, err := url.Parse(handle)
	if err != nil || address.Scheme != "bi" {
		return nil, fmt.Errorf("%q is not the handle of a backing image, bi://backing?<keys>: %w", handle, err)
	}
	keys := map[string]string{}
	for key, values := range address.Query() {
		keys[key] = strings.Join(values, ",")
	}
	return keys, nil
}

// ImageName is a name for a backing image of the spec, which is removed when the spec has ended.
func (e *Env) ImageName(suffix string) string { return e.Namespace + "-" + suffix }

// ReadyImage creates a VolumeSnapshot of the claim with a class of type bi, ImageClass when empty, and waits
// until it is ready to use and its BackingImage complete: the first does not mean the second (clause C-45).
func (e *Env) ReadyImage(ctx context.Context, name string, claim *corev1.PersistentVolumeClaim, class string) (*snapshotv1.VolumeSnapshot, *longhornv1beta2.BackingImage, error) {
	if class == "" {
		class = ImageClass
	}
	snapshot, err := e.CreateSnapshot(ctx, name, claim, class)
	if err != nil {
		return nil, nil, err
	}
	if snapshot, err = e.WaitReady(ctx, snapshot); err != nil {
		return nil, nil, err
	}
	behind, err := e.ImageBehind(ctx, snapshot)
	if err != nil {
		return nil, nil, err
	}
	image, err := e.WaitImageReady(ctx, behind)
	return snapshot, image, err
}

// ImageBehind returns the name of the BackingImage that the handle of a VolumeSnapshot names.
func (e *Env) ImageBehind(ctx context.Context, snapshot *snapshotv1.VolumeSnapshot) (string, error) {
	handle, err := e.SnapshotHandleOf(ctx, snapshot)
	if err != nil {
		return "", err
	}
	keys, err := HandleKeys(handle)
	return keys[HandleImage], err
}

// WaitImageReady waits until every copy of the image is ready. One that fails ends the wait.
func (e *Env) WaitImageReady(ctx context.Context, name string) (*longhornv1beta2.BackingImage, error) {
	return e.waitImage(ctx, name, timeouts.ImageReady, "be ready", func(image *longhornv1beta2.BackingImage) (bool, error) {
		if failure := longhorn.ImageFailure(image); failure != "" {
			return false, errors.New(failure)
		}
		return longhorn.ImageReady(image), nil
	})
}

// WaitImageFailed waits until a copy of the image has failed and returns why. One that becomes ready ends the wait with an error.
func (e *Env) WaitImageFailed(ctx context.Context, name string) (string, error) {
	image, err := e.waitImage(ctx, name, timeouts.ImageFailed, "fail", func(image *longhornv1beta2.BackingImage) (bool, error) {
		if longhorn.ImageReady(image) {
			return false, fmt.Errorf("backing image %s is ready although it should have failed", name)
		}
		return longhorn.ImageFailure(image) != "", nil
	})
	if err != nil {
		return "", err
	}
	return longhorn.ImageFailure(image), nil
}

// WaitImageEnd waits until every copy of the image is ready, or one has failed, and returns why, "" when none has.
func (e *Env) WaitImageEnd(ctx context.Context, name string) (failure string, err error) {
	image, err := e.waitImage(ctx, name, timeouts.ImageReady, "be ready or fail", func(image *longhornv1beta2.BackingImage) (bool, error) {
		return longhorn.ImageReady(image) || longhorn.ImageFailure(image) != "", nil
	})
	if err != nil {
		return "", err
	}
	return longhorn.ImageFailure(image), nil
}

func (e *Env) waitImage(ctx context.Context, name string, budget timeouts.Budget, what string, held func(*longhornv1beta2.BackingImage) (bool, error)) (*longhornv1beta2.BackingImage, error) {
	ref, err := e.ref(longhorn.ImageNamed(name))
	if err != nil {
		return nil, err
	}
	return kube.Until(ctx, e.Kube, ref, budget, what, func(image *longhornv1beta2.BackingImage) (bool, string, error) {
		if image == nil {
			return false, "it does not exist", nil
		}
		ok, err := held(image)
		return ok, longhorn.ImageStates(image), err
	})
}

// WaitImageGone waits until the BackingImage does not exist.
func (e *Env) WaitImageGone(ctx context.Context, name string) error {
	return UntilGone(ctx, e.Cluster, longhorn.ImageNamed(name), timeouts.ImageGone)
}

// DeleteImage deletes a BackingImage without CSI and waits until it is gone; a missing one is fine.
func (e *Env) DeleteImage(ctx context.Context, name string) error {
	return deleteAndWait(ctx, e.Cluster, longhorn.ImageNamed(name), timeouts.ImageGone)
}

// CreateImage makes a BackingImage without CSI, as the user interface does, and returns at once. Checksum may be empty.
func (e *Env) CreateImage(ctx context.Context, suffix, source, checksum string, parameters map[string]string) (*longhornv1beta2.BackingImage, error) {
	image := longhorn.ImageNamed(e.ImageName(suffix))
	image.Spec = longhornv1beta2.BackingImageSpec{
		SourceType: longhornv1beta2.BackingImageDataSourceType(source), SourceParameters: parameters, Checksum: checksum,
		MinNumberOfCopies: 1, DataEngine: longhornv1beta2.DataEngineTypeV1,
	}
	if err := e.Client.Create(ctx, image); err != nil {
		return nil, fmt.Errorf("create BackingImage %s: %w", image.Name, err)
	}
	return image, nil
}

// removeImages deletes the backing images that are the spec's own by name and waits until all that it caused are gone.
func (e *Env) removeImages(ctx context.Context, made leak.Made) error {
	images, err := longhorn.Images(ctx, e.plain)
	failures := []error{err}
	names := slices.Clone(made.Images)
	for i := range images {
		if name := images[i].Name; strings.HasPrefix(name, e.Namespace+"-") {
			names = append(names, name)
			failures = append(failures, client.IgnoreNotFound(e.Client.Delete(ctx, &images[i])))
		}
	}
	for _, name := range names {
		if err := e.WaitImageGone(ctx, name); err != nil {
			failures = append(failures, fmt.Errorf("left over: %w", err))
		}
	}
	return errors.Join(failures...)
}

// ImageInfo is what qemu-img says of an image's file.
type ImageInfo struct {
	// Format is "raw" or "qcow2".
	Format string `json:"format"`
	// VirtualBytes is what a volume shows, ActualBytes what the file occupies.
	VirtualBytes int64 `json:"virtual-size"`
	ActualBytes  int64 `json:"actual-size"`
}

// needsImages skips the spec when the driver's files cannot be looked at.
func (e *Env) needsImages() {
	ginkgo.GinkgoHelper()
	if !e.Target.Capabilities().Images {
		ginkgo.Skip("needs to look at the file of a backing image where the driver has it, which only the reference driver allows")
	}
}

// InspectImage runs qemu-img info where the driver has the image's file, without guessing: format is that of the image.
func (e *Env) InspectImage(ctx context.Context, image *longhornv1beta2.BackingImage, format string) (ImageInfo, error) {
	var info ImageInfo
	e.needsImages()
	text, err := e.Target.InImage(ctx, image, "qemu-img", "info", "--output=json", "-f", format)
	if err != nil {
		return info, fmt.Errorf("inspect backing image %s: %w", image.Name, err)
	}
	if err := json.Unmarshal(text, &info); err != nil {
		return info, fmt.Errorf("inspect backing image %s: qemu-img printed no JSON: %w", image.Name, err)
	}
	return info, nil
}

// SumImage returns the SHA-512 of the image's file where the driver has it.
func (e *Env) SumImage(ctx context.Context, image *longhornv1beta2.BackingImage) (string, error) {
	e.needsImages()
	text, err := e.Target.InImage(ctx, image, "sha512sum")
	if err != nil {
		return "", fmt.Errorf("sum backing image %s: %w", image.Name, err)
	}
	sum, _, _ := strings.Cut(string(text), " ")
	return sum, nil
}

// WaitDeleteRefused waits until the sidecar has been refused the deletion of a content's snapshot as often as a refusal must be seen.
func (e *Env) WaitDeleteRefused(ctx context.Context, content *snapshotv1.VolumeSnapshotContent) error {
	return e.waitWarned(ctx, content, refusals, func(event corev1.Event) bool { return event.Reason == "SnapshotDeleteError" })
}

// UploadImage sends the file of a backing image of type upload, as the user interface does. The error says what the driver answered.
func (e *Env) UploadImage(ctx context.Context, name string, file []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("chunk", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err := errors.Join(err, form.Close()); err != nil {
		return fmt.Errorf("make the form for backing image %s: %w", name, err)
	}
	answer := e.Kube.Core.CoreV1().RESTClient().Post().Namespace(longhorn.Namespace).
		Resource("services").Name("longhorn-backend:9500").SubResource("proxy").Suffix("v1", "backingimages", name).
		Param("action", "upload").Param("size", strconv.Itoa(len(file))).
		SetHeader("Content-Type", form.FormDataContentType()).Body(body.Bytes()).Do(ctx)
	if err := answer.Error(); err != nil {
		text, _ := answer.Raw()
		return fmt.Errorf("upload the file of backing image %s: %w: %s", name, err, strings.TrimSpace(string(text)))
	}
	return nil
}

// WaitImageState waits until a copy of the image is in the state.
func (e *Env) WaitImageState(ctx context.Context, name string, state longhornv1beta2.BackingImageState) error {
	_, err := e.waitImage(ctx, name, timeouts.ImageReady, "be "+string(state), func(image *longhornv1beta2.BackingImage) (bool, error) {
		for _, file := range image.Status.DiskFileStatusMap {
			if file.State == state {
				return true, nil
			}
		}
		return false, nil
	})
	return err
}
