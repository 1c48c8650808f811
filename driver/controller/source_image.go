package controller

import (
	"context"
	"encoding/json"
	"maps"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/handle"
)

// fromImage checks a volume from a backing image, which is made first when there
// is none (contract 4.5). Every failure of the image itself is InvalidArgument.
func (s *Server) fromImage(ctx context.Context, req *csi.CreateVolumeRequest, from handle.Image, size int64) (origin, error) {
	image := &longhorn.BackingImage{}
	err := s.get(ctx, from.Name, image)
	switch {
	case notThere(err):
		image, err = s.newImage(ctx, req, from, size)
	case err == nil:
		err = s.compare(image, from)
	default:
		return origin{}, internal(ctx, "read backing image "+from.Name, err)
	}
	if err != nil || image == nil {
		return origin{}, err
	}
	virtual := image.Status.VirtualSize
	switch {
	case !image.DeletionTimestamp.IsZero():
		return origin{}, status.Errorf(codes.Aborted, "backing image %s is being deleted", image.Name)
	case api.ImageFailure(image) != "":
		return origin{}, status.Errorf(codes.InvalidArgument, "backing image %s failed: %s", image.Name, api.ImageFailure(image))
	case size < virtual && s.contract.ChecksImageSize() && !s.deviations.Has(deviation.ImageVolumeSmaller):
		return origin{}, status.Errorf(codes.Internal, "volume size should be larger than the backing image size: %d bytes were requested, backing image %s has %d", size, image.Name, virtual)
	case size != virtual && virtual > 0 && s.deviations.Has(deviation.ImageLargerRefused):
		return origin{}, status.Errorf(codes.Internal, "volume size %d differs from the backing image size %d", size, virtual)
	}
	return origin{image: image, node: api.DataNode(image)}, nil
}

// compare refuses a handle that means another image than the one of its name.
func (s *Server) compare(image *longhorn.BackingImage, from handle.Image) error {
	given := len(from.Parameters) > 0 || s.deviations.Has(deviation.ImageNoParametersRefused)
	same := string(image.Spec.SourceType) == from.SourceType && (!given || maps.Equal(image.Spec.SourceParameters, from.Parameters))
	if !same && !s.deviations.Has(deviation.ImageParametersUnchecked) {
		return status.Errorf(codes.InvalidArgument, "existing backing image %s data source is different from the parameters: it is of type %s with %v", image.Name, image.Spec.SourceType, image.Spec.SourceParameters)
	}
	if from.Checksum == "" || s.deviations.Has(deviation.ImageGivenChecksumUnchecked) {
		return nil
	}
	for _, known := range []string{image.Status.Checksum, image.Spec.Checksum} {
		if known != "" && known != from.Checksum {
			return status.Errorf(codes.InvalidArgument, "backing image %s: expected checksum or current checksum doesn't match the given %s", image.Name, from.Checksum)
		}
	}
	return nil
}

// newImage creates the image that the handle describes.
func (s *Server) newImage(ctx context.Context, req *csi.CreateVolumeRequest, from handle.Image, size int64) (*longhorn.BackingImage, error) {
	if engine := longhorn.DataEngineType(req.GetParameters()["dataEngine"]); engine == longhorn.DataEngineTypeV2 {
		return nil, status.Errorf(codes.InvalidArgument, "v2 backing image is not supported: backing image %s does not exist and would have data engine %s", from.Name, engine)
	}
	node, err := s.imageNode(ctx, req, from, size)
	if err != nil {
		if s.deviations.Has(deviation.ImageMissingParametersAccepted) && status.Code(err) == codes.InvalidArgument {
			return nil, nil
		}
		return nil, err
	}
	if s.deviations.Has(deviation.ImageOnDemandRefused) {
		return nil, status.Errorf(codes.NotFound, "backing image %s not found", from.Name)
	}
	image := api.NewBackingImage(s.namespace, from.Name, node, longhorn.BackingImageDataSourceType(from.SourceType), from.Parameters)
	image.Spec.Checksum = from.Checksum
	if err := s.onDemandKeys(ctx, image, req.GetParameters()); err != nil {
		return nil, err
	}
	if err := api.CheckBackingImage(image); err != nil && !s.deviations.Has(deviation.ImageURLUnchecked) {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if err := s.refuseLoopback(image); err != nil {
		return nil, err
	}
	if err := s.client.Create(ctx, image); apierrors.IsInvalid(err) {
		return nil, status.Errorf(codes.InvalidArgument, "create backing image %s: %v", from.Name, err)
	} else if err != nil {
		return nil, internal(ctx, "create backing image "+from.Name, err)
	}
	return image, nil
}

// onDemandKeys notes what the StorageClass says of copies of the image.
func (s *Server) onDemandKeys(ctx context.Context, image *longhorn.BackingImage, parameters map[string]string) error {
	if err := s.copies(ctx, image); err != nil || s.deviations.Has(deviation.ImageOnDemandKeysIgnored) {
		return err
	}
	s.selectors(image, parameters[longhorn.BackingImageParameterNodeSelector], parameters[longhorn.BackingImageParameterDiskSelector])
	if copies, err := strconv.Atoi(parameters[longhorn.BackingImageParameterMinNumberOfCopies]); err == nil && copies > 0 && s.contract.HasImageSelectors() {
		image.Spec.MinNumberOfCopies = copies
	}
	return nil
}

// refuseLoopback refuses an image on the node itself at once. Names are
// looked up, and other addresses of the node's own refused, when it is downloaded.
func (s *Server) refuseLoopback(image *longhorn.BackingImage) error {
	address, err := url.Parse(image.Spec.SourceParameters[api.ImageURL])
	if err != nil || !s.contract.ChecksImageURL() || s.deviations.Has(deviation.ImageLoopbackAccepted) {
		return nil
	}
	host := address.Hostname()
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(host, "localhost") {
		return status.Errorf(codes.InvalidArgument, "invalid url of backing image %s: %s is the node itself", image.Name, host)
	}
	return nil
}

// imageNode checks the parameters by type and returns the node that the image is to be on.
func (s *Server) imageNode(ctx context.Context, req *csi.CreateVolumeRequest, from handle.Image, size int64) (string, error) {
	switch kind := longhorn.BackingImageDataSourceType(from.SourceType); kind {
	case longhorn.BackingImageDataSourceTypeDownload:
		if from.Parameters[api.ImageURL] == "" {
			return "", status.Errorf(codes.InvalidArgument, "missing parameters %s for preparing backing image %s", api.ImageURL, from.Name)
		}
		return s.chooseNode(ctx, req.GetAccessibilityRequirements(), size)
	case longhorn.BackingImageDataSourceTypeExportFromVolume:
		name := from.Parameters[api.ImageVolumeName]
		if name == "" || from.Parameters[api.ImageExportType] == "" {
			return "", status.Errorf(codes.InvalidArgument, "missing parameters %s or %s for preparing backing image %s", api.ImageExportType, api.ImageVolumeName, from.Name)
		}
		volume := &longhorn.Volume{}
		if err := s.get(ctx, name, volume); notThere(err) {
			return "", status.Errorf(codes.InvalidArgument, "backing image %s cannot be exported: volume %s not found", from.Name, name)
		} else if err != nil {
			return "", internal(ctx, "read volume "+name, err)
		}
		return api.DataNode(volume), nil
	default:
		return "", status.Errorf(codes.InvalidArgument, "backing image type %s is not supported via CSI: backing image %s does not exist", kind, from.Name)
	}
}

// imageParameter is the image that StorageClass parameters name, and whether they do (4.6).
func imageParameter(parameters map[string]string) (handle.Image, bool, error) {
	image := handle.Image{
		Name: parameters[longhorn.BackingImageParameterName], SourceType: parameters[longhorn.BackingImageParameterDataSourceType],
		Checksum: parameters[longhorn.BackingImageParameterChecksum],
	}
	if text := parameters[longhorn.BackingImageParameterDataSourceParameters]; text != "" {
		if err := json.Unmarshal([]byte(text), &image.Parameters); err != nil {
			return image, true, status.Errorf(codes.InvalidArgument, "invalid json format of %s: %v", longhorn.BackingImageParameterDataSourceParameters, err)
		}
	}
	return image, image.Name != "", nil
}

// fromImageParameter is fromImage for StorageClass parameters. An existing image needs no type there.
func (s *Server) fromImageParameter(ctx context.Context, req *csi.CreateVolumeRequest, from handle.Image, size int64) (origin, error) {
	if from.SourceType == "" {
		image := &longhorn.BackingImage{}
		if err := s.get(ctx, from.Name, image); notThere(err) {
			return origin{}, status.Errorf(codes.InvalidArgument, "backing image %s does not exist and the StorageClass does not say by %s how to make it", from.Name, longhorn.BackingImageParameterDataSourceType)
		} else if err != nil {
			return origin{}, internal(ctx, "read backing image "+from.Name, err)
		}
		from.SourceType = string(image.Spec.SourceType)
	}
	return s.fromImage(ctx, req, from, size)
}

// imageContext is what the volume context says of the image (V-10).
func imageContext(image *longhorn.BackingImage) (map[string]string, error) {
	parameters, err := json.Marshal(image.Spec.SourceParameters)
	return map[string]string{
		longhorn.BackingImageParameterName: image.Name, longhorn.BackingImageParameterDataSourceType: string(image.Spec.SourceType),
		longhorn.BackingImageParameterDataSourceParameters: string(parameters), longhorn.BackingImageParameterChecksum: image.Spec.Checksum,
	}, err
}
