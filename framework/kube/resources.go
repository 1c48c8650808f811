package kube

import "k8s.io/apimachinery/pkg/runtime/schema"

// The API endpoints that muster waits on or lists.
var (
	CustomResourceDefinitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	Deployments               = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	DaemonSets                = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "daemonsets"}
	Namespaces                = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	Pods                      = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	CSINodes                  = schema.GroupVersionResource{Group: "storage.k8s.io", Version: "v1", Resource: "csinodes"}
	StorageClasses            = schema.GroupVersionResource{Group: "storage.k8s.io", Version: "v1", Resource: "storageclasses"}
	VolumeSnapshotClasses     = schema.GroupVersionResource{Group: "snapshot.storage.k8s.io", Version: "v1", Resource: "volumesnapshotclasses"}
	BackupTargets             = schema.GroupVersionResource{Group: "longhorn.io", Version: "v1beta2", Resource: "backuptargets"}
)
