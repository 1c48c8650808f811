// Package api holds what the roles of the driver agree on in the Kubernetes
// API: the scheme, names, labels and the small helpers that read meaning from
// longhorn.io/v1beta2 objects. It moves no data and calls nobody.
//
// # CRDs
//
// volumes, snapshots, backups, backupvolumes, backuptargets, backingimages,
// settings and nodes of longhorn.io/v1beta2, from k8s/crds.yaml of
// github.com/longhorn/longhorn-manager v1.10.0. All of them have the status
// subresource. Every object lives in the driver's namespace (longhorn-system).
//
// # RBAC
//
// Role longhorn-csi-controller (namespace longhorn-system), apiGroup longhorn.io:
//
//	volumes                 get watch create patch delete
//	snapshots               get list watch create delete
//	backups backingimages   get list watch create delete
//	backupvolumes           get list
//	backuptargets settings  get list
//	nodes                   get list
//
// Role longhorn-csi-node (namespace longhorn-system), apiGroup longhorn.io:
//
//	volumes                              get list watch patch
//	snapshots backups                    get list watch create patch delete
//	backupvolumes                        get list watch create patch delete
//	backuptargets                        get list watch create patch
//	backingimages                        get list watch patch delete
//	settings                             get list watch
//	nodes                                get list watch create
//	the status of all but settings       patch
//
// and in the core group secrets get (credentials of backup targets) and pods
// list patch (the IAM role of a target is an annotation of the driver's pods).
//
// The controller asks for nothing outside longhorn.io: no events, no leases, no
// secrets. Some planted defects (retain-deletes, preprovisioned-refused,
// backup-retain-deletes) read volumesnapshotcontents (get list watch) with the
// rights that the csi-snapshotter sidecar of the same pod needs anyway. What the
// sidecars need beside this comes with the sidecars.
package api

import (
	"errors"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
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

// NewScheme returns a scheme with the longhorn.io/v1beta2 types and Kubernetes' core ones.
func NewScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(longhorn.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	return scheme, nil
}

// DataNode returns the node that holds the object's file, "" when none was chosen.
func DataNode(object client.Object) string { return object.GetLabels()[DataNodeLabel] }
