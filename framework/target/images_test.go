package target

import (
	"context"
	"path"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/muster-csi/muster/fixtures"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/internal/pins"
)

// pinned says which module of which folder of components an image is built from.
var pinned = map[string][2]string{
	"csi-provisioner":     {"csi-provisioner", "github.com/kubernetes-csi/external-provisioner/v5"},
	"csi-attacher":        {"csi-sidecars", "github.com/kubernetes-csi/external-attacher/v4"},
	"csi-resizer":         {"csi-sidecars", "github.com/kubernetes-csi/external-resizer/v2"},
	"csi-snapshotter":     {"csi-sidecars", "github.com/kubernetes-csi/external-snapshotter/v8"},
	"snapshot-controller": {"csi-sidecars", "github.com/kubernetes-csi/external-snapshotter/v8"},
	"minio":               {"minio", "github.com/minio/minio"},
}

// tagFor is the image tag of a module version; a pseudo-version becomes the
// date that is in it, as MinIO names its releases.
func tagFor(version string) string {
	parts := strings.Split(version, "-")
	if len(parts) != 3 {
		return version
	}
	date := parts[1]
	return "RELEASE." + date[:4] + "-" + date[4:6] + "-" + date[6:8]
}

func TestFixturesRunTheVersionsThatAreBuilt(t *testing.T) {
	seen := map[string]bool{}
	for _, dir := range []string{"driver", "snapshot-controller", "minio"} {
		for _, container := range containersOf(t, dir) {
			if container.ImagePullPolicy != corev1.PullNever {
				t.Errorf("%s: %s would be pulled: there is no registry", dir, container.Image)
			}
			name, tag, _ := strings.Cut(path.Base(container.Image), ":")
			seen[name] = true
			if name == driverContainer {
				continue
			}
			pin, ok := pinned[name]
			if !ok {
				t.Errorf("%s: no component builds %s", dir, container.Image)
				continue
			}
			if want := tagFor(pins.Version(t, "../..", pin[0], pin[1])); tag != want {
				t.Errorf("%s uses %s, components build %s", dir, container.Image, want)
			}
		}
	}
	for name := range pinned {
		if !seen[name] {
			t.Errorf("no fixture uses %s", name)
		}
	}
}

// containersOf returns the containers of every pod template in a directory of fixtures.
func containersOf(t *testing.T, dir string) []corev1.Container {
	t.Helper()
	objects, err := kube.Decode(context.Background(), fixtures.FS, dir)
	if err != nil {
		t.Fatal(err)
	}
	var containers []corev1.Container
	for _, object := range objects {
		var workload struct {
			Spec struct {
				Template corev1.PodTemplateSpec `json:"template"`
			} `json:"spec"`
		}
		if kind := object.GetKind(); kind != "Deployment" && kind != "DaemonSet" {
			continue
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &workload); err != nil {
			t.Fatal(err)
		}
		containers = append(containers, workload.Spec.Template.Spec.Containers...)
	}
	return containers
}
