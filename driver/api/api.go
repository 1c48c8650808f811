// Package api holds what the roles of the driver agree on in the Kubernetes
// API: the scheme, names, labels and the small helpers that read meaning from
// longhorn.io/v1beta2 objects. It moves no data and calls nobody.
//
// # CRDs
//
// volumes, snapshots and nodes of longhorn.io/v1beta2, from k8s/crds.yaml of
// github.com/longhorn/longhorn-manager v1.10.0. All three have the status
// subresource. Every object lives in the driver's namespace (longhorn-system).
//
// # RBAC
//
// Role longhorn-csi-controller (namespace longhorn-system), apiGroup longhorn.io:
//
//	volumes    get watch create patch delete
//	snapshots  get list watch create delete
//	nodes      get list
//
// Role longhorn-csi-node (namespace longhorn-system), apiGroup longhorn.io:
//
//	volumes           get list watch patch
//	volumes/status    patch
//	snapshots         get list watch create patch delete
//	snapshots/status  patch
//	nodes             get list watch create
//	nodes/status      patch
//
// The driver itself asks for nothing outside longhorn.io: no events, no leases,
// no secrets. Two planted defects (retain-deletes, preprovisioned-refused) read
// volumesnapshotcontents (get list watch) with the rights that the
// csi-snapshotter sidecar of the same pod needs anyway. What the sidecars need
// beside this comes with the sidecars.
package api

import (
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// DefaultDriverName is the CSI driver name that the documentation's YAML uses.
	DefaultDriverName = "driver.longhorn.io"
	// DefaultNamespace is where the CRs live.
	DefaultNamespace = "longhorn-system"
	// TopologyKey is the segment by which a volume is bound to the node that holds its data.
	TopologyKey = "kubernetes.io/hostname"
	// Finalizer keeps a Volume or Snapshot until its node has removed the files.
	Finalizer = "longhorn.io"
	// DataNodeLabel names the node that holds a Volume's file, and a Snapshot's.
	DataNodeLabel = "longhorn.io/data-node"
	// VolumeLabel names the Volume of a Snapshot.
	VolumeLabel = "longhornvolume"
	// ForCloningLabel marks, in spec.labels, a Snapshot made to clone its volume; the value is the target Volume.
	ForCloningLabel = "longhorn.io/for-cloning-volume"
)

// NewScheme returns a scheme with the longhorn.io/v1beta2 types.
func NewScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := longhorn.AddToScheme(scheme); err != nil {
		return nil, err
	}
	return scheme, nil
}

// DataNode returns the node that holds the object's file, "" when none was chosen.
func DataNode(object client.Object) string { return object.GetLabels()[DataNodeLabel] }
