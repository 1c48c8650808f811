package doctor

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/target"
)

const (
	controllerImage = "snapshot-controller"
	sidecarImage    = "csi-snapshotter"
	installKinds    = "install the snapshot kinds of external-snapshotter: kubectl apply -k github.com/kubernetes-csi/external-snapshotter/client/config/crd, of the release of the driver's csi-snapshotter"
	installControl  = "install the snapshot controller of external-snapshotter, of the release of the driver's csi-snapshotter or a newer one"
)

var snapshotKinds = []string{
	"volumesnapshotclasses.snapshot.storage.k8s.io", "volumesnapshotcontents.snapshot.storage.k8s.io", "volumesnapshots.snapshot.storage.k8s.io",
}

// sinceV6 are fields that contents have in the kinds of external-snapshotter 6 and later, and specs use.
var sinceV6 = []string{"spec", "sourceVolumeMode"}

func lookAtKinds(ctx context.Context, p Patient) ([]Finding, error) {
	for _, name := range snapshotKinds {
		kind, err := definition(ctx, p.Client, name)
		if apierrors.IsNotFound(err) {
			return []Finding{failure(installKinds, "the cluster does not have %s", name)}, nil
		}
		if err != nil {
			return nil, err
		}
		version := servedV1(kind)
		if version == nil {
			return []Finding{failure(installKinds, "%s is not served as v1", name)}, nil
		}
		if name == "volumesnapshotcontents.snapshot.storage.k8s.io" && !hasField(version, sinceV6) {
			return []Finding{failure(installKinds, "%s has no field %s: it is older than external-snapshotter 6, and the specs and csi-snapshotter use it", name, strings.Join(sinceV6, "."))}, nil
		}
	}
	return []Finding{fine("v1 is served, with the fields that csi-snapshotter uses")}, nil
}

func definition(ctx context.Context, c *kube.Client, name string) (*apiextensionsv1.CustomResourceDefinition, error) {
	return kube.Get[apiextensionsv1.CustomResourceDefinition](ctx, c, kube.Ref{Resource: kube.CustomResourceDefinitions, Name: name})
}

func servedV1(kind *apiextensionsv1.CustomResourceDefinition) *apiextensionsv1.CustomResourceDefinitionVersion {
	for i := range kind.Spec.Versions {
		if version := &kind.Spec.Versions[i]; version.Name == "v1" && version.Served {
			return version
		}
	}
	return nil
}

func hasField(version *apiextensionsv1.CustomResourceDefinitionVersion, path []string) bool {
	if version.Schema == nil || version.Schema.OpenAPIV3Schema == nil {
		return false
	}
	properties := *version.Schema.OpenAPIV3Schema
	for _, name := range path {
		next, there := properties.Properties[name]
		if !there {
			return false
		}
		properties = next
	}
	return true
}

// image is a container of a running pod by the name of its image.
type image struct {
	pod     corev1.Pod
	version string
}

// images finds containers whose image has that name, in one namespace or in all.
func images(ctx context.Context, c *kube.Client, namespace, name string) ([]image, error) {
	pods, err := c.Core.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []image
	for _, pod := range pods.Items {
		for _, container := range pod.Spec.Containers {
			if of, version := target.ImageVersion(container.Image); (of == name || strings.HasSuffix(of, "-"+name)) && pod.DeletionTimestamp == nil {
				found = append(found, image{pod: pod, version: version})
			}
		}
	}
	return found, nil
}

func lookAtController(ctx context.Context, p Patient) ([]Finding, error) {
	controllers, err := images(ctx, p.Client, "", controllerImage)
	if err != nil {
		return nil, err
	}
	ready := slices.IndexFunc(controllers, func(of image) bool { return podReady(&of.pod) })
	switch {
	case len(controllers) == 0:
		return []Finding{failure(installControl, "no pod of the snapshot controller is in the cluster: VolumeSnapshots would never get a content")}, nil
	case ready < 0:
		return []Finding{failure("look at its logs: kubectl logs -n "+controllers[0].pod.Namespace+" "+controllers[0].pod.Name, "no pod of the snapshot controller is ready")}, nil
	}
	sidecars, err := images(ctx, p.Client, target.Namespace, sidecarImage)
	if err != nil || len(sidecars) == 0 {
		return []Finding{failure("deploy csi-snapshotter beside the driver's controller", "no pod in %s has the sidecar csi-snapshotter: the driver is never asked for snapshots", target.Namespace)}, err
	}
	return []Finding{compareVersions(controllers[ready].version, sidecars[0].version)}, nil
}

// compareVersions judges whether controller and sidecar fit: the project wants kinds and controller to be updated
// before the sidecars.
func compareVersions(controller, sidecar string) Finding {
	seen := fmt.Sprintf("%s, csi-snapshotter %s", controller, sidecar)
	c, knownC := release(controller)
	s, knownS := release(sidecar)
	switch {
	case !knownC || !knownS:
		return warning("compare the releases yourself", "%s: the tags do not tell the releases", seen)
	case c[0] < s[0]:
		return failure(installControl, "%s: the controller is older by a major release", seen)
	case c[0] == s[0] && c[1] < s[1]:
		return warning(installControl, "%s: the controller should not be older than the sidecar", seen)
	case c[0] > s[0]+1:
		return warning("use a newer csi-snapshotter beside the driver", "%s: the sidecar is older by more than one major release", seen)
	}
	return fine("%s", seen)
}

// release reads major and minor from a tag such as v8.2.1 or v8.2.1-20250304.
func release(tag string) ([2]int, bool) {
	parts := strings.SplitN(strings.TrimPrefix(tag, "v"), ".", 3)
	if len(parts) < 2 {
		return [2]int{}, false
	}
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return [2]int{}, false
	}
	minor, err := strconv.Atoi(parts[1])
	return [2]int{major, minor}, err == nil
}
