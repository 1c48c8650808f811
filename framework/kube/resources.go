package kube

import "k8s.io/apimachinery/pkg/runtime/schema"

// The API endpoints that muster waits on.
var (
	CustomResourceDefinitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	Deployments               = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	DaemonSets                = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "daemonsets"}
	Pods                      = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	Namespaces                = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	CSINodes                  = schema.GroupVersionResource{Group: "storage.k8s.io", Version: "v1", Resource: "csinodes"}
)
