package longhorn

import (
	"context"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ImageNamed returns an empty BackingImage of that name, for reads and waits.
func ImageNamed(name string) *longhornv1beta2.BackingImage {
	return &longhornv1beta2.BackingImage{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name}}
}

// Image reads one BackingImage; apierrors.IsNotFound holds for the error when there is none.
func Image(ctx context.Context, c client.Client, name string) (*longhornv1beta2.BackingImage, error) {
	image := ImageNamed(name)
	if err := c.Get(ctx, client.ObjectKeyFromObject(image), image); err != nil {
		return nil, fmt.Errorf("read Longhorn BackingImage %s: %w", name, err)
	}
	return image, nil
}

// Images lists every BackingImage.
func Images(ctx context.Context, c client.Client) ([]longhornv1beta2.BackingImage, error) {
	var list longhornv1beta2.BackingImageList
	if err := c.List(ctx, &list, client.InNamespace(Namespace)); err != nil && !meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("list Longhorn BackingImages: %w", err)
	}
	return list.Items, nil
}

// ImageReady reports whether every copy of the image is ready, and one at least is there.
func ImageReady(image *longhornv1beta2.BackingImage) bool {
	for _, file := range image.Status.DiskFileStatusMap {
		if file.State != longhornv1beta2.BackingImageStateReady {
			return false
		}
	}
	return len(image.Status.DiskFileStatusMap) > 0
}

// ImageFailure is why a copy of the image failed, "" when none has.
func ImageFailure(image *longhornv1beta2.BackingImage) string {
	for _, file := range image.Status.DiskFileStatusMap {
		switch file.State {
		case longhornv1beta2.BackingImageStateFailed, longhornv1beta2.BackingImageStateFailedAndCleanUp:
			return fmt.Sprintf("%s: %s", file.State, file.Message)
		}
	}
	return ""
}

// ImageStates describes the copies of an image for people.
func ImageStates(image *longhornv1beta2.BackingImage) string {
	text := fmt.Sprintf("%d copies", len(image.Status.DiskFileStatusMap))
	for disk, file := range image.Status.DiskFileStatusMap {
		text += fmt.Sprintf("; on disk %s %q, %d %%, %q", disk, file.State, file.Progress, file.Message)
	}
	return text
}
