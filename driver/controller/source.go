package controller

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/handle"
)

// origin is a checked data source and the node that its data are on.
type origin struct {
	api.Source
	// node is "" when the data can come to any.
	node string
	// backup is the URL of the backup that the data come from, "" for none.
	backup string
	// image is the backing image that the volume begins with, nil for none.
	image *longhorn.BackingImage
	// size is that of the volume in bytes, 0 for what was requested.
	size int64
	// mode is the access mode of the volume that the backup is of, "" when that is not known.
	mode longhorn.AccessMode
}

// empty reports whether the volume starts without data.
func (o origin) empty() bool { return o.Empty() && o.backup == "" && o.image == nil }

// origin resolves the content source, or the StorageClass parameter dataSource
// when there is none (V-13), and checks that a volume of that size in bytes can
// be made from it.
func (s *Server) origin(ctx context.Context, req *csi.CreateVolumeRequest, size int64) (origin, error) {
	content := req.GetVolumeContentSource()
	if s.deviations.Has(deviation.ClassSourceWins) && (req.GetParameters()["dataSource"] != "" || req.GetParameters()["fromBackup"] != "") {
		content = nil
	}
	switch {
	case content.GetSnapshot() != nil:
		from, err := s.fromHandle(ctx, req, content.GetSnapshot().GetSnapshotId(), size)
		if err != nil && s.deviations.Has(deviation.BadHandleRestoresEmpty) {
			return origin{}, nil
		}
		if err != nil && s.deviations.Has(deviation.WrongHandleInternal) {
			return origin{}, status.Error(codes.Internal, status.Convert(err).Message())
		}
		return from, err
	case content.GetVolume() != nil:
		return s.fromVolume(ctx, content.GetVolume().GetVolumeId(), size)
	case content != nil:
		return origin{}, status.Error(codes.InvalidArgument, "the volume content source is neither a snapshot nor a volume")
	}
	if address := req.GetParameters()["fromBackup"]; address != "" {
		return s.fromURL(ctx, address, size)
	}
	if image, named, err := imageParameter(req.GetParameters()); named || err != nil {
		if err != nil {
			return origin{}, err
		}
		return s.fromImageParameter(ctx, req, image, size)
	}
	source, err := api.ParseSource(longhorn.VolumeDataSource(req.GetParameters()["dataSource"]))
	switch {
	case err != nil:
		return origin{}, status.Errorf(codes.InvalidArgument, "invalid parameter dataSource: %v", err)
	case source.Empty():
		return origin{}, nil
	case source.Snapshot == "":
		return s.fromVolume(ctx, source.Volume, size)
	default:
		return s.fromSnapshot(ctx, handle.NewSnap(source.Volume, source.Snapshot), size)
	}
}

func (s *Server) fromHandle(ctx context.Context, req *csi.CreateVolumeRequest, text string, size int64) (origin, error) {
	parsed, err := s.parse(text)
	if err != nil {
		return origin{}, refusedHandle(err)
	}
	switch parsed.Type {
	case handle.Bak:
		return s.fromBackup(ctx, text, parsed, size)
	case handle.Bi:
		return s.fromImage(ctx, req, parsed.Image, size)
	}
	if parsed.Volume == "" { // H-14, only with its quirk
		return origin{}, nil
	}
	if s.deviations.Has(deviation.PreprovisionedRefused) {
		if err := s.refusePreprovisioned(ctx, text); err != nil {
			return origin{}, err
		}
	}
	return s.fromSnapshot(ctx, parsed, size)
}

// fromSnapshot checks. The codes are Longhorn's (H-16).
func (s *Server) fromSnapshot(ctx context.Context, from handle.Handle, size int64) (origin, error) {
	var volume longhorn.Volume
	if err := s.get(ctx, from.Volume, &volume); err != nil {
		return origin{}, internal(ctx, "failed to verify data source", err)
	}
	var snapshot longhorn.Snapshot
	if err := s.get(ctx, from.ID, &snapshot); err != nil {
		return origin{}, internal(ctx, "failed to verify data source", err)
	}
	if snapshot.Spec.Volume != from.Volume { // H-17
		if !s.deviations.Has(deviation.ForeignVolumeHandle) {
			return origin{}, status.Errorf(codes.NotFound, "volume source snapshot %s is not found: %s is a snapshot of another volume", from, from.ID)
		}
		from.Volume = snapshot.Spec.Volume
	}
	larger := size > volume.Spec.Size && s.deviations.Has(deviation.RestoreAcceptsLarger)
	if size != volume.Spec.Size && !larger {
		return origin{}, status.Error(codes.Internal, "failed to verify data source: "+sizesDiffer(size, volume.Spec.Size))
	}
	if !snapshot.DeletionTimestamp.IsZero() || snapshot.Status.MarkRemoved || !snapshot.Status.ReadyToUse {
		return origin{}, status.Errorf(codes.Internal, "failed to verify data source: snapshot %s is not ready to use", from.ID)
	}
	if s.contract.NeedsAttachedSource() && !s.deviations.Has(deviation.DetachedRestored) && volume.Status.State != longhorn.VolumeStateAttached {
		return origin{}, status.Errorf(codes.Internal, "failed to restore from %s: engine is not running because volume %s is %s", from, volume.Name, volume.Status.State)
	}
	return origin{
		Source: api.Source{Volume: from.Volume, Snapshot: from.ID}, node: cmp.Or(api.DataNode(&snapshot), api.DataNode(&volume)),
	}, nil
}

// fromVolume checks.
func (s *Server) fromVolume(ctx context.Context, name string, size int64) (origin, error) {
	var volume longhorn.Volume
	if err := s.get(ctx, name, &volume); notThere(err) || !volume.DeletionTimestamp.IsZero() {
		if s.deviations.Has(deviation.CloneOfMissingEmpty) {
			return origin{}, nil
		}
		return origin{}, status.Errorf(codes.NotFound, "failed to clone volume: source volume %s is not found", name)
	} else if err != nil {
		return origin{}, internal(ctx, "failed to clone volume", err)
	}
	larger := size > volume.Spec.Size && s.deviations.Has(deviation.CloneAcceptsLarger)
	if size != volume.Spec.Size && !larger {
		return origin{}, status.Error(codes.OutOfRange, "failed to clone volume: "+sizesDiffer(size, volume.Spec.Size))
	}
	return origin{Source: api.Source{Volume: name}, node: api.DataNode(&volume)}, nil
}

// parse reads a handle of a type that the contract's release knows (C-04).
func (s *Server) parse(text string) (handle.Handle, error) {
	parsed, err := handle.Parse(text, s.leniency())
	if kind, _, _ := strings.Cut(text, "://"); handle.Type(kind) == handle.Bi && !s.contract.KnowsBackingImages() {
		return handle.Handle{}, handle.UnknownType(handle.Bi, text)
	}
	return parsed, err
}

// leniency is what the quirks that are on let pass.
func (s *Server) leniency() handle.Leniency {
	return handle.Leniency{
		EmptyVolume: s.deviations.Has(deviation.EmptyVolumeHandle),
		Tail:        s.deviations.Has(deviation.HandleTailIgnored),
	}
}

// refusedHandle gives a handle error its gRPC code (contract 1.2).
func refusedHandle(err error) error {
	var refused *handle.Error
	if errors.As(err, &refused) && refused.Reason == handle.NotFound {
		return status.Error(codes.NotFound, err.Error())
	}
	return status.Error(codes.InvalidArgument, err.Error())
}
