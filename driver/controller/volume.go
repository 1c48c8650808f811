package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
)

// xfsMinimum is the smallest new xfs volume in bytes (V-05).
const xfsMinimum = int64(300 << 20)

// CreateVolume makes a Volume and returns once its node has taken it on, before
// data of a content source are there (V-09, V-10). It may be repeated.
func (s *Server) CreateVolume(ctx context.Context, req *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if req.GetName() == "" {
		return nil, s.missingName()
	}
	if err := s.checkCapabilities(req.GetVolumeCapabilities()); err != nil {
		return nil, err
	}
	name := s.volumeName(req.GetName())
	done, err := s.running.begin("volume " + name)
	if err != nil {
		return nil, err
	}
	defer done()
	size := s.volumeSize(req.GetCapacityRange().GetRequiredBytes())
	volume := &longhorn.Volume{}
	switch err := s.get(ctx, name, volume); {
	case notThere(err):
		if volume, err = s.newVolume(ctx, req, name, size); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, internal(ctx, "read volume "+name, err)
	case !volume.DeletionTimestamp.IsZero():
		return nil, status.Errorf(codes.Aborted, "volume %s of the same name is still being deleted", name)
	case volume.Spec.Size != size && !s.deviations.Has(deviation.VolumeAgainUnchecked): // V-06
		return nil, status.Errorf(codes.AlreadyExists, "volume %s size %d differs from requested size %d", name, volume.Spec.Size, size)
	}
	if volume, err = s.awaitCreated(ctx, volume); err != nil {
		return nil, err
	}
	described, err := s.volumeContext(ctx, req.GetParameters(), volume)
	if err != nil {
		return nil, err
	}
	response := &csi.CreateVolumeResponse{Volume: &csi.Volume{
		VolumeId: name, CapacityBytes: size, ContentSource: req.GetVolumeContentSource(),
		VolumeContext: described, AccessibleTopology: s.topologyOf(volume),
	}}
	if s.deviations.Has(deviation.ContentSourceForgotten) {
		response.Volume.ContentSource = nil
	}
	return response, nil
}

// missingName is the answer to a request without a name (V-02).
func (s *Server) missingName() error {
	code := codes.InvalidArgument
	if s.deviations.Has(deviation.MissingNameInternal) {
		code = codes.Internal
	}
	return status.Error(code, "volume id missing in request")
}

// newVolume checks the request and creates the Volume on the node of its data source.
func (s *Server) newVolume(ctx context.Context, req *csi.CreateVolumeRequest, name string, size int64) (*longhorn.Volume, error) {
	spec := api.NewVolumeSpec(size)
	if !s.deviations.Has(deviation.AccessModeIgnored) {
		spec.AccessMode = accessMode(req.GetVolumeCapabilities())
	}
	if err := applyParameters(&spec, s.known(req.GetParameters()), s.contract); err != nil {
		if !s.deviations.Has(deviation.ParametersUnchecked) {
			return nil, err
		}
		spec = api.NewVolumeSpec(size)
		spec.AccessMode = accessMode(req.GetVolumeCapabilities())
	}
	source, err := s.origin(ctx, req, size)
	if err != nil {
		return nil, err
	}
	if err := s.checkEngine(&spec, source); err != nil {
		return nil, err
	}
	checked := source.empty() && s.contract.ChecksXFSMinimum() && !s.deviations.Has(deviation.XFSMinimumUnchecked)
	if checked && size < xfsMinimum && wantsXFS(req) {
		return nil, fmt.Errorf("xfs volume size %d is smaller than the minimum of %d bytes: request at least 300Mi", size, xfsMinimum)
	}
	node := source.node
	if node == "" {
		if node, err = s.chooseNode(ctx, req.GetAccessibilityRequirements(), size); err != nil {
			return nil, err
		}
	} else if !allowed(req.GetAccessibilityRequirements(), node) {
		return nil, status.Errorf(codes.ResourceExhausted, "the source's data are on node %s, which the request does not allow", node)
	}
	spec.DataSource, spec.FromBackup = source.DataSource(), source.backup
	if spec.DataSource != "" && s.contract.KnowsParameter(cloneModeParameter) && !s.deviations.Has(deviation.CloneModeIgnored) {
		spec.CloneMode = cmp.Or(spec.CloneMode, longhorn.CloneModeFullCopy)
	}
	if source.image != nil {
		spec.BackingImage = source.image.Name
	}
	spec.Size = cmp.Or(source.size, size)
	s.followBackup(&spec, source)
	if spec.Size%spec.BackupBlockSize != 0 {
		return nil, status.Errorf(codes.InvalidArgument, "volume size %d is not a multiple of the backup block size %d: request a size that is", spec.Size, spec.BackupBlockSize)
	}
	if err := s.applySettings(ctx, &spec); err != nil {
		return nil, err
	}
	volume := &longhorn.Volume{Spec: spec, ObjectMeta: metav1.ObjectMeta{
		Name: name, Namespace: s.namespace, Finalizers: []string{api.Finalizer}, Labels: map[string]string{api.DataNodeLabel: node},
	}}
	if err := s.client.Create(ctx, volume); err != nil {
		return nil, internal(ctx, "create volume "+name, err)
	}
	return volume, nil
}

// awaitCreated waits until the node has taken the volume on (V-09).
func (s *Server) awaitCreated(ctx context.Context, volume *longhorn.Volume) (*longhorn.Volume, error) {
	waiting, cancel := context.WithTimeout(ctx, readyBudget)
	defer cancel()
	created, err := s.awaitVolume(waiting, volume, func(v *longhorn.Volume) (bool, error) {
		if s.deviations.Has(deviation.CreateWaitsForData) && api.Incomplete(v) {
			return false, nil
		}
		return v.Status.State != "" && v.Status.State != longhorn.VolumeStateCreating, nil
	})
	if waiting.Err() != nil {
		return nil, status.Errorf(codes.DeadlineExceeded, "volume %s was not taken on by node %s within %s; its state is %q", volume.Name, api.DataNode(volume), readyBudget, created.Status.State)
	}
	if err != nil {
		return nil, internal(ctx, "wait for volume "+volume.Name, err)
	}
	return created, nil
}

func wantsXFS(req *csi.CreateVolumeRequest) bool {
	for _, capability := range req.GetVolumeCapabilities() {
		if capability.GetMount().GetFsType() == "xfs" {
			return true
		}
	}
	return req.GetParameters()["fsType"] == "xfs"
}

// volumeContext is the StorageClass parameters and the data source (V-10).
func (s *Server) volumeContext(ctx context.Context, parameters map[string]string, volume *longhorn.Volume) (map[string]string, error) {
	source := map[string]string{"dataSource": string(volume.Spec.DataSource), "fromBackup": volume.Spec.FromBackup}
	if volume.Spec.BackingImage != "" {
		image := &longhorn.BackingImage{}
		if err := s.get(ctx, volume.Spec.BackingImage, image); err != nil {
			return nil, internal(ctx, "read backing image "+volume.Spec.BackingImage, err)
		}
		described, err := imageContext(image)
		if err != nil {
			return nil, internal(ctx, "describe backing image "+image.Name, err)
		}
		maps.Copy(source, described)
	}
	result := maps.Clone(parameters)
	if s.deviations.Has(deviation.VolumeContextBare) {
		return result, nil
	}
	for key, value := range source {
		if value == "" {
			continue
		}
		if result == nil {
			result = map[string]string{}
		}
		result[key] = value
	}
	return result, nil
}

// applySettings takes over what Settings say about new volumes.
func (s *Server) applySettings(ctx context.Context, spec *longhorn.VolumeSpec) error {
	if !s.contract.HasCompressionSetting() {
		spec.BackupCompressionMethod = longhorn.BackupCompressionMethodGzip
		return nil
	}
	method, err := api.SettingValue(ctx, s.client, s.namespace, api.SettingBackupCompression)
	if err != nil {
		return internal(ctx, "read a setting", err)
	}
	if s.deviations.Has(deviation.BackupCompressionIgnored) {
		return nil
	}
	if !oneOf(method, &spec.BackupCompressionMethod, longhorn.BackupCompressionMethodLz4, longhorn.BackupCompressionMethodGzip, longhorn.BackupCompressionMethodNone) {
		return status.Errorf(codes.Internal, "setting %s is %q: set it to lz4, gzip or none", api.SettingBackupCompression, method)
	}
	return nil
}

// DeleteVolume deletes the Volume with its snapshots and waits until its files
// are gone. A missing volume is OK; an attached one is FailedPrecondition.
func (s *Server) DeleteVolume(ctx context.Context, req *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	name := req.GetVolumeId()
	if name == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id missing in request")
	}
	done, err := s.running.begin("volume " + name)
	if err != nil {
		return nil, err
	}
	defer done()
	volume := &longhorn.Volume{}
	if err := s.get(ctx, name, volume); notThere(err) {
		return &csi.DeleteVolumeResponse{}, nil
	} else if err != nil {
		return nil, internal(ctx, "read volume "+name, err)
	}
	if volume.Spec.NodeID != "" {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s is still attached to node %s: detach it first", name, volume.Spec.NodeID)
	}
	if err := s.refuseWithSnapshots(ctx, name); err != nil {
		return nil, err
	}
	if err := s.client.Delete(ctx, volume); notThere(err) {
		return &csi.DeleteVolumeResponse{}, nil
	} else if err != nil {
		return nil, internal(ctx, "delete volume "+name, err)
	}
	waiting, cancel := context.WithTimeout(ctx, readyBudget)
	defer cancel()
	_, err = s.awaitVolume(waiting, volume, func(*longhorn.Volume) (bool, error) { return false, nil })
	if errors.Is(err, errGone) {
		return &csi.DeleteVolumeResponse{}, nil
	}
	return nil, status.Errorf(codes.DeadlineExceeded, "volume %s is not deleted by node %s yet: %v", name, api.DataNode(volume), err)
}
