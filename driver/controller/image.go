package controller

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/handle"
)

const (
	exportTypeParameter    = "export-type"
	exportTypeNewParameter = "exportType"
	nodeSelectorParameter  = "nodeSelector"
	diskSelectorParameter  = "diskSelector"
)

// bi is the flow of contract 2.4, except that it answers once the data are cut:
// what is written after readyToUse is not in the image (C-45). The copy goes on
// beside it, and volumes from the image wait for that.
func (s *Server) bi(ctx context.Context, req *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	volume := &longhorn.Volume{}
	if err := s.get(ctx, req.GetSourceVolumeId(), volume); notThere(err) {
		return nil, status.Errorf(codes.NotFound, "volume %s not found", req.GetSourceVolumeId())
	} else if err != nil {
		return nil, internal(ctx, "read volume "+req.GetSourceVolumeId(), err)
	}
	name := snapshotName(req.GetName())
	image := &longhorn.BackingImage{}
	err := s.get(ctx, name, image)
	if notThere(err) {
		image, err = s.newExport(ctx, name, volume, req.GetParameters())
	}
	switch {
	case err != nil:
		return nil, statusOr(err, internal(ctx, "create backing image "+name, err))
	case !image.DeletionTimestamp.IsZero():
		return nil, status.Errorf(codes.Aborted, "backing image %s of the same name is still being deleted", name)
	case image.Spec.SourceParameters[api.ImageVolumeName] != volume.Name:
		return nil, status.Errorf(codes.AlreadyExists, "backing image %s already exists and is not exported from volume %s", name, volume.Name)
	}
	return s.awaitCut(ctx, image, volume)
}

// newExport creates the BackingImage that the node exports from the volume.
func (s *Server) newExport(ctx context.Context, name string, volume *longhorn.Volume, parameters map[string]string) (*longhorn.BackingImage, error) {
	switch {
	case volume.Status.Robustness == longhorn.VolumeRobustnessFaulted && !s.deviations.Has(deviation.ImageFaultedAccepted): // C-47
		return nil, status.Errorf(codes.Internal, "cannot export a backing image from faulted volume %s", volume.Name)
	case s.deviations.Has(deviation.ImageDetachedRefused) && volume.Status.State != longhorn.VolumeStateAttached:
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s must be attached to export it", volume.Name)
	}
	image := api.NewBackingImage(s.namespace, name, api.DataNode(volume), longhorn.BackingImageDataSourceTypeExportFromVolume, map[string]string{
		api.ImageVolumeName: volume.Name, api.ImageExportType: s.exportType(parameters),
	})
	if err := s.copies(ctx, image); err != nil {
		return nil, err
	}
	if asked, err := strconv.Atoi(parameters[longhorn.BackingImageParameterMinNumberOfCopies]); err == nil && s.deviations.Has(deviation.ImageCopiesFromClass) {
		image.Spec.MinNumberOfCopies = asked
	}
	s.selectors(image, parameters[nodeSelectorParameter], parameters[diskSelectorParameter])
	if err := api.CheckBackingImage(image); err != nil { // C-41
		return nil, status.Error(codes.Internal, err.Error())
	}
	err := s.client.Create(ctx, image)
	if apierrors.IsAlreadyExists(err) {
		err = s.get(ctx, name, image)
	}
	return image, err
}

// exportType is what the class asks for (C-40).
func (s *Server) exportType(parameters map[string]string) string {
	newer := parameters[exportTypeNewParameter]
	if !s.contract.KnowsExportTypeKey() || s.deviations.Has(deviation.ImageNewKeyIgnored) {
		newer = ""
	}
	kind := cmp.Or(newer, parameters[exportTypeParameter], api.ImageExportRaw)
	unknown := kind != api.ImageExportRaw && kind != api.ImageExportQCOW2
	if s.deviations.Has(deviation.ImageExportTypeIgnored) && !unknown || s.deviations.Has(deviation.ImageExportTypeUnchecked) && unknown {
		return api.ImageExportRaw
	}
	return kind
}

// selectors notes where copies of the image may be (C-42, R-53). There is one copy, on the node of its source.
func (s *Server) selectors(image *longhorn.BackingImage, nodes, disks string) {
	if s.contract.HasImageSelectors() && !s.deviations.Has(deviation.ImageSelectorsIgnored) {
		image.Spec.NodeSelector, image.Spec.DiskSelector = api.Selector(nodes), api.Selector(disks)
	}
}

// copies notes how many copies of the image the setting asks for (C-49). There is one all the same: volumes are made on its node.
func (s *Server) copies(ctx context.Context, image *longhorn.BackingImage) error {
	if !s.contract.HasImageCopiesSetting() {
		return nil
	}
	text, err := api.SettingValue(ctx, s.client, s.namespace, api.SettingImageCopies)
	if err != nil {
		return internal(ctx, "read a setting", err)
	}
	copies, err := strconv.Atoi(text)
	if err != nil || copies < 1 {
		return status.Errorf(codes.Internal, "setting %s is %q: set it to a number of copies, 1 or more", api.SettingImageCopies, text)
	}
	image.Spec.MinNumberOfCopies = copies
	return nil
}

// awaitCut answers when the node has cut the data, or says why it cannot.
func (s *Server) awaitCut(ctx context.Context, image *longhorn.BackingImage, volume *longhorn.Volume) (*csi.CreateSnapshotResponse, error) {
	if s.deviations.Has(deviation.ImageReadyBeforeCut) {
		return s.describeImage(image, volume, time.Now()), nil
	}
	waiting, cancel := context.WithTimeout(ctx, readyBudget)
	defer cancel()
	image, err := await(waiting, s.client, &longhorn.BackingImageList{}, image, func(found *longhorn.BackingImage) (bool, error) {
		_, cut := api.ImageCut(found)
		if why := api.ImageFailure(found); why != "" && !cut {
			return false, errNotTaken
		}
		return cut, nil
	})
	switch at, cut := api.ImageCut(image); {
	case err == nil && cut:
		return s.describeImage(image, volume, at), nil
	case errors.Is(err, errNotTaken):
		// Nobody would delete it later: the sidecar knows no handle of what failed (S-06).
		if err := client.IgnoreNotFound(s.client.Delete(ctx, image)); err != nil {
			s.log.Warn("a backing image that failed is left behind", "image", image.Name, "error", err)
		}
		return nil, status.Errorf(codes.Internal, "backing image %s cannot be exported: %s", image.Name, api.ImageFailure(image))
	case errors.Is(err, errGone):
		return nil, status.Errorf(codes.Internal, "backing image %s was deleted meanwhile", image.Name)
	}
	return nil, notInTime(ctx, waiting, "wait for the export of backing image "+image.Name, err)
}

// describeImage is the answer for an image that was cut at that time. The handle
// has what the image is, not what this call asked for (C-43).
func (s *Server) describeImage(image *longhorn.BackingImage, volume *longhorn.Volume, at time.Time) *csi.CreateSnapshotResponse {
	id := handle.NewExport(image.Name, volume.Name, image.Spec.SourceParameters[api.ImageExportType])
	if s.deviations.Has(deviation.ImageHandleIncomplete) {
		delete(id.Image.Parameters, api.ImageVolumeName)
	}
	return &csi.CreateSnapshotResponse{Snapshot: &csi.Snapshot{
		SnapshotId: id.String(), SourceVolumeId: volume.Name, SizeBytes: volumeSize(volume.Spec.Size),
		CreationTime: timestamppb.New(at), ReadyToUse: true,
	}}
}

// deleteBi deletes the BackingImage, whatever it was made from (D-10), unless
// volumes use it: then it fails, and is tried again until none does (D-13).
func (s *Server) deleteBi(ctx context.Context, name string) error {
	if s.deviations.Has(deviation.ImageDeleteIgnored) {
		return nil
	}
	image := &longhorn.BackingImage{}
	if err := s.get(ctx, name, image); notThere(err) { // D-11
		if s.deviations.Has(deviation.ImageDeleteMissingFails) {
			return status.Errorf(codes.Internal, "delete backing image %s: not found", name)
		}
		return nil
	} else if err != nil {
		return internal(ctx, "read backing image "+name, err)
	}
	users, err := s.usersOf(ctx, name)
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return status.Errorf(codes.Internal, "cannot delete backing image %s since there are replicas using it: delete volume %s first", name, strings.Join(users, ", "))
	}
	if err := client.IgnoreNotFound(s.client.Delete(ctx, image)); err != nil {
		return internal(ctx, "delete backing image "+name, err)
	}
	return nil
}

// usersOf names the volumes that begin with the image.
func (s *Server) usersOf(ctx context.Context, image string) ([]string, error) {
	if s.deviations.Has(deviation.ImageDeleteInUse) {
		return nil, nil
	}
	var list longhorn.VolumeList
	if err := s.client.List(ctx, &list, client.InNamespace(s.namespace)); err != nil {
		return nil, internal(ctx, "list the volumes of backing image "+image, err)
	}
	var users []string
	for _, volume := range list.Items {
		if volume.Spec.BackingImage == image {
			users = append(users, volume.Name)
		}
	}
	slices.Sort(users)
	return users, nil
}
