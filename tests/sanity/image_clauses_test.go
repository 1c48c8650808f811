package sanity

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/handle"
)

// imageOf is a request for a snapshot of type bi.
func imageOf(name, volume string, parameters ...string) *csi.CreateSnapshotRequest {
	all := map[string]string{"type": "bi"}
	for i := 0; i+1 < len(parameters); i += 2 {
		all[parameters[i]] = parameters[i+1]
	}
	return &csi.CreateSnapshotRequest{Name: name, SourceVolumeId: volume, Parameters: all}
}

func (s stateTest) awaitImage(t *testing.T, name, what string, done func(*longhorn.BackingImage) bool) *longhorn.BackingImage {
	t.Helper()
	var found longhorn.BackingImage
	s.eventually(t, "backing image "+name+" to "+what, func(ctx context.Context) (bool, error) {
		err := s.objects.Get(ctx, key(name), &found)
		return done(&found), err
	})
	return &found
}

// imageAskedForAgain: the same answer, handle and time included, whatever format
// the repeat asks for; the name of another volume's image is taken.
func (s stateTest) imageAskedForAgain(t *testing.T) {
	volume := s.createVolume(t, "imaged", nil)
	first, err := s.csi.CreateSnapshot(t.Context(), imageOf("image-again", volume))
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.csi.CreateSnapshot(t.Context(), imageOf("image-again", volume, "exportType", "qcow2"))
	if err != nil || !proto.Equal(first, again) {
		t.Errorf("the repeat got %v, %v, want %v", again, err, first)
	}
	if _, err := s.csi.CreateSnapshot(t.Context(), imageOf("image-again", s.createVolume(t, "imaged-too", nil))); status.Code(err) != codes.AlreadyExists {
		t.Errorf("of another volume got %v, want AlreadyExists", err)
	}
	s.awaitImage(t, "image-again", "be ready", api.ImageReady)
	s.deleteImage(t, first.GetSnapshot().GetSnapshotId())
}

func (s stateTest) deleteImage(t *testing.T, handle string) {
	t.Helper()
	if _, err := s.csi.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: handle}); err != nil {
		t.Fatal(err)
	}
}

// imageOfFaultedVolume: refused, as one of a volume that does not exist.
func (s stateTest) imageOfFaultedVolume(t *testing.T) {
	volume := s.createVolume(t, "faulted-source", nil)
	if err := s.data.DeleteVolume(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	s.touch(t, volume)
	s.eventually(t, "the volume to be faulted", func(context.Context) (bool, error) {
		return s.readVolume(t, volume).Status.Robustness == longhorn.VolumeRobustnessFaulted, nil
	})
	_, err := s.csi.CreateSnapshot(t.Context(), imageOf("image-of-faulted", volume))
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "faulted volume") {
		t.Errorf("got %v, want Internal", err)
	}
	if err := s.objects.Get(t.Context(), key("image-of-faulted"), &longhorn.BackingImage{}); !apierrors.IsNotFound(err) {
		t.Errorf("an image was made all the same (%v)", err)
	}
	if _, err := s.csi.CreateSnapshot(t.Context(), imageOf("image-of-none", "no-such-volume")); status.Code(err) != codes.NotFound {
		t.Errorf("of a missing volume got %v, want NotFound", err)
	}
}

// imageDeletedByName: only the name counts, and one that is missing cannot be deleted.
func (s stateTest) imageDeletedByName(t *testing.T) {
	volume := s.createVolume(t, "imaged-once", nil)
	if _, err := s.csi.CreateSnapshot(t.Context(), imageOf("image-by-name", volume)); err != nil {
		t.Fatal(err)
	}
	s.deleteImage(t, "bi://backing?backingImage=image-by-name")
	s.eventually(t, "the image to go", func(ctx context.Context) (bool, error) {
		err := s.objects.Get(ctx, key("image-by-name"), &longhorn.BackingImage{})
		return apierrors.IsNotFound(err), nil
	})
	s.deleteImage(t, "bi://backing?backingImage=image-by-name")
	_, err := s.csi.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: "bi://backing"})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("without a name got %v, want InvalidArgument", err)
	}
}

// imageOfStorageClass: the parameters of the class make the image and its
// selectors, and the volume context shows them.
func (s stateTest) imageOfStorageClass(t *testing.T) {
	source := s.createVolume(t, "classy-source", nil)
	request := volumeOf("classy", gibibyte, nil)
	request.Parameters = map[string]string{
		longhorn.BackingImageParameterName: "classy-image", longhorn.BackingImageParameterDataSourceType: "export-from-volume",
		longhorn.BackingImageParameterDataSourceParameters: `{"export-type":"raw","volume-name":"` + source + `"}`,
		longhorn.BackingImageParameterNodeSelector:         "a,b", longhorn.BackingImageParameterDiskSelector: "ssd",
		longhorn.BackingImageParameterMinNumberOfCopies: "2",
	}
	response, err := s.csi.CreateVolume(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(response.GetVolume().GetVolumeContext(), request.Parameters) {
		t.Errorf("the volume context is %v, want %v", response.GetVolume().GetVolumeContext(), request.Parameters)
	}
	image := s.awaitImage(t, "classy-image", "be ready", api.ImageReady)
	if strings.Join(image.Spec.NodeSelector, " ") != "a b" || strings.Join(image.Spec.DiskSelector, " ") != "ssd" || image.Spec.MinNumberOfCopies != 2 {
		t.Errorf("the image is %+v", image.Spec)
	}
	s.eventually(t, "the volume to have its data", func(context.Context) (bool, error) {
		return !api.AwaitingImage(s.readVolume(t, "classy")), nil
	})
	if _, err := s.csi.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: handle.NewExport("classy-image", source, "raw").String()}); status.Code(err) != codes.Internal { // D-13
		t.Errorf("deleting the image in use got %v, want Internal", err)
	}
	for _, volume := range []string{"classy", source} {
		if _, err := s.csi.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: volume}); err != nil {
			t.Error(err)
		}
	}
	s.deleteImage(t, handle.NewExport("classy-image", source, "raw").String())
}

// imageThatFails: the failure is on the image, on the volume, and in the answer to who wants to attach that.
func (s stateTest) imageThatFails(t *testing.T) {
	bad := handle.Handle{Type: handle.Bi, Image: handle.Image{
		Name: "failing-image", SourceType: "download", Parameters: map[string]string{"url": "http://169.254.169.254/image?signature=secret"},
	}}
	if _, err := s.csi.CreateVolume(t.Context(), volumeOf("failing", gibibyte, snapshotSource(bad.String()))); err != nil {
		t.Fatal(err)
	}
	image := s.awaitImage(t, "failing-image", "fail", func(image *longhorn.BackingImage) bool { return api.ImageFailure(image) != "" })
	if why := api.ImageFailure(image); !strings.Contains(why, "169.254.169.254") || strings.Contains(why, "secret") {
		t.Errorf("the failure is %q", why)
	}
	s.eventually(t, "the volume to tell of it", func(ctx context.Context) (bool, error) {
		_, err := s.csi.ControllerPublishVolume(ctx, &csi.ControllerPublishVolumeRequest{
			VolumeId: "failing", NodeId: nodeName, VolumeCapability: mountable()[0],
		})
		return status.Code(err) == codes.Aborted && strings.Contains(err.Error(), "failing-image") && strings.Contains(err.Error(), "169.254.169.254"), nil
	})
	if _, err := s.csi.CreateVolume(t.Context(), volumeOf("failing-too", gibibyte, snapshotSource(bad.String()))); status.Code(err) != codes.InvalidArgument {
		t.Errorf("another volume of the failed image got %v, want InvalidArgument", err)
	}
	if _, err := s.csi.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: "failing"}); err != nil {
		t.Error(err)
	}
	s.deleteImage(t, bad.String())
}
