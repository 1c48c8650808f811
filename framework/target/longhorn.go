package target

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn/release"
)

const (
	// longhornManager is the DaemonSet that every Longhorn has, and the name of its image.
	longhornManager = "longhorn-manager"
	csiPlugin       = "longhorn-csi-plugin"
)

// InstallLonghorn brings a release of Longhorn into a bare cluster, with everything the suite needs
// around it: snapshot kinds and controller, MinIO as its default backup target, and the classes that
// Longhorn does not make itself. It returns when all of it works, or as soon as it is known that it will not.
func InstallLonghorn(ctx context.Context, config *rest.Config, components Components, r *release.Release) error {
	c, err := kube.New(config)
	if err != nil {
		return err
	}
	if err := r.ApplyNamespace(ctx, c); err != nil {
		return err
	}
	waiting := ctx
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return backupstore.Install(ctx, c) })
	group.Go(func() error {
		if err := installKinds(ctx, c, components, "snapshot-crds"); err != nil {
			return err
		}
		return installSnapshots(ctx, c, snapshotParts{controller: true})
	})
	group.Go(func() error {
		if err := r.Apply(ctx, c); err != nil {
			return err
		}
		return r.Await(ctx, c)
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if err := registeredBy(waiting, c, "app="+csiPlugin); err != nil {
		return err
	}
	if err := applyFixture(waiting, c, "classes", notMadeByLonghorn); err != nil {
		return err
	}
	return backupTargetAvailable(waiting, c)
}

// notMadeByLonghorn leaves out the StorageClass that Longhorn makes from its own manifest.
func notMadeByLonghorn(object *unstructured.Unstructured) (bool, error) {
	return object.GetKind() != "StorageClass" || object.GetName() != "longhorn", nil
}

// NewLonghorn returns a release of Longhorn in the cluster of config.
func NewLonghorn(config *rest.Config, components Components, version release.Version) Target {
	e := newExisting(Longhorn, config, DriverName, version.Contract())
	e.known = map[string]string{"longhorn-crds": version.String(), "snapshot-crds": components.Versions()["snapshot-crds"]}
	return &longhorn{existing: e}
}

// longhorn is a release of Longhorn with what muster has installed around it.
type longhorn struct{ *existing }

// Versions implements Target: also those of what came with it.
func (l *longhorn) Versions(ctx context.Context) (map[string]string, error) {
	versions, err := l.existing.Versions(ctx)
	if err != nil {
		return nil, err
	}
	c, err := l.client()
	if err != nil {
		return nil, err
	}
	around, err := runningImages(ctx, c)
	maps.Copy(versions, around)
	return versions, err
}

// InstalledLonghorn reads which release of Longhorn is in the cluster from its manager. A cluster
// without one is an error that says so.
func InstalledLonghorn(ctx context.Context, c *kube.Client) (release.Version, error) {
	manager, err := c.Core.AppsV1().DaemonSets(Namespace).Get(ctx, longhornManager, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return release.Version{}, fmt.Errorf("there is no Longhorn in the cluster: no DaemonSet %s/%s; install it, or leave DRIVER out", Namespace, longhornManager)
	}
	if err != nil {
		return release.Version{}, fmt.Errorf("look for Longhorn: %w", err)
	}
	for _, container := range manager.Spec.Template.Spec.Containers {
		if name, tag := ImageVersion(container.Image); strings.HasSuffix(name, longhornManager) {
			return release.ParseVersion(tag)
		}
	}
	return release.Version{}, fmt.Errorf("DaemonSet %s/%s has no container with an image %s: its release cannot be told, say contract: in the configuration", Namespace, longhornManager, longhornManager)
}
