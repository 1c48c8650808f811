// Package controller is the CSI Controller service. It creates, changes and
// reads longhorn.io objects and waits for what the node role makes of them; it
// never touches data.
package controller

import (
	"context"
	"log/slog"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/deviation"
)

// readyBudget is how long one call waits for the node role, as Longhorn's does (V-09, 2.2 step 4).
const readyBudget = 90 * time.Second

// Server is the CSI Controller service.
type Server struct {
	csi.UnimplementedControllerServer

	client     client.WithWatch
	namespace  string
	contract   config.Contract
	deviations deviation.Set
	log        *slog.Logger
	running    inflight
	cuts       sharedCuts
}

// New returns a Controller service that keeps its objects in the namespace.
// The client must read from the API server, not from a cache: a call decides
// on what it has just written.
func New(objects client.WithWatch, settings config.Common, log *slog.Logger) *Server {
	return &Server{
		client: objects, namespace: settings.Namespace, contract: settings.Contract,
		deviations: settings.Deviations, log: log,
	}
}

// ControllerGetCapabilities returns what the contract's release can do (I-03).
func (s *Server) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	kinds := []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_PUBLISH_UNPUBLISH_VOLUME,
		csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_CLONE_VOLUME,
	}
	if s.contract.HasCapacity() {
		kinds = append(kinds, csi.ControllerServiceCapability_RPC_GET_CAPACITY)
	}
	if s.contract.HasSingleNodeModes() {
		kinds = append(kinds, csi.ControllerServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER)
	}
	if s.deviations.Has(deviation.ListSnapshotsOffered) {
		kinds = append(kinds, csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS)
	}
	response := &csi.ControllerGetCapabilitiesResponse{}
	for _, kind := range kinds {
		response.Capabilities = append(response.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: kind}},
		})
	}
	return response, nil
}

// get reads one object of the driver's namespace. The error is not yet a gRPC
// status. A name that the API could never store, as ids from outside may be, is
// not found.
func (s *Server) get(ctx context.Context, name string, object client.Object) error {
	if name == "" || len(path.IsValidPathSegmentName(name)) > 0 {
		return apierrors.NewNotFound(schema.GroupResource{Group: longhorn.SchemeGroupVersion.Group}, name)
	}
	return s.client.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: name}, object)
}

// internal is the code for whatever the Kubernetes API answers unexpectedly,
// unless the caller's own deadline or cancellation is the cause.
func internal(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return status.Errorf(status.FromContextError(ctx.Err()).Code(), "%s: %v", doing, err)
	}
	if apierrors.IsServiceUnavailable(err) || apierrors.IsTooManyRequests(err) {
		return status.Errorf(codes.Unavailable, "%s: %v", doing, err)
	}
	return status.Errorf(codes.Internal, "%s: %v", doing, err)
}
