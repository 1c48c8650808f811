package target

import (
	"context"
	"errors"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/muster-csi/muster/fixtures"
	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
)

const snapshotController = "snapshot-controller"

// InstallAddons brings everything the suite needs into a bare cluster: the
// kinds, the snapshot controller, the reference driver with its classes, and
// MinIO with its bucket. The driver follows the contract of that Longhorn
// version. All of it starts at once; the call returns when everything works. It
// may be called again.
func InstallAddons(ctx context.Context, config *rest.Config, components Components, contract string) error {
	c, err := kube.New(config)
	if err != nil {
		return err
	}
	return install(ctx, c, components, contract, snapshotParts{kinds: true, controller: true, classes: true})
}

// InstallInto brings the reference driver and MinIO into a cluster that has other things in it: what there is of
// snapshots stays, and no classes are made. All that it makes is marked as the client's Making says, and
// nothing that is not is replaced.
func InstallInto(ctx context.Context, c *kube.Client, components Components, contract string) error {
	served, err := c.Serves(schema.GroupVersionKind{Group: "snapshot.storage.k8s.io", Version: "v1", Kind: "VolumeSnapshot"})
	if err != nil {
		return err
	}
	return install(ctx, c, components, contract, snapshotParts{kinds: !served, controller: !served})
}

// snapshotParts are what is installed of snapshots.
type snapshotParts struct{ kinds, controller, classes bool }

func install(ctx context.Context, c *kube.Client, components Components, contract string, parts snapshotParts) error {
	if err := applyFixture(ctx, c, "driver", ofKind("Namespace")); err != nil {
		return err
	}
	waiting := ctx
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return backupstore.Install(ctx, c) })
	group.Go(func() error {
		if err := installKinds(ctx, c, components, "longhorn-crds"); err != nil {
			return err
		}
		return installDriver(ctx, c, contract)
	})
	group.Go(func() error {
		if parts.kinds {
			if err := installKinds(ctx, c, components, "snapshot-crds"); err != nil {
				return err
			}
		}
		return installSnapshots(ctx, c, parts)
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return setBackupTarget(waiting, c)
}

// setBackupTarget points the driver at the store and waits until it has found it.
func setBackupTarget(ctx context.Context, c *kube.Client) error {
	overwriting := *c
	overwriting.Run = "" // the driver has made an empty one, which goes with the driver
	if err := applyFixture(ctx, &overwriting, "backup-target", everything); err != nil {
		return err
	}
	return backupTargetAvailable(ctx, c)
}

// backupTargetAvailable waits until the driver has found the default backup target.
func backupTargetAvailable(ctx context.Context, c *kube.Client) error {
	ref := kube.Ref{Resource: longhornv1beta2.SchemeGroupVersion.WithResource("backuptargets"), Namespace: Namespace, Name: "default"}
	_, err := kube.Until(ctx, c, ref, timeouts.TargetAvailable, "be available", func(target *longhornv1beta2.BackupTarget) (bool, string, error) {
		if target == nil {
			return false, "it does not exist", nil
		}
		seen := fmt.Sprintf("available %t", target.Status.Available)
		for _, condition := range target.Status.Conditions {
			seen += fmt.Sprintf(", %s %s: %s", condition.Type, condition.Status, condition.Message)
		}
		return target.Status.Available && target.Spec.BackupTargetURL != "", seen, nil
	})
	return err
}

func installKinds(ctx context.Context, c *kube.Client, components Components, names ...string) error {
	if components == nil {
		return errors.New("installing needs the built components: pass what components.Ensure returned")
	}
	for _, name := range names {
		manifest, err := components.Manifest(name)
		if err != nil {
			return fmt.Errorf("cannot read the manifest %s: %w", name, err)
		}
		if err := c.ApplyKinds(ctx, manifest); err != nil {
			return fmt.Errorf("cannot install %s: %w", name, err)
		}
	}
	return nil
}

// installDriver applies the driver and waits until the kubelets know it.
func installDriver(ctx context.Context, c *kube.Client, contract string) error {
	if err := applyFixture(ctx, c, "driver", following(contract)); err != nil {
		return err
	}
	return driverReady(ctx, c)
}

// installSnapshots needs the snapshot kinds to be served.
func installSnapshots(ctx context.Context, c *kube.Client, parts snapshotParts) error {
	for dir, wanted := range map[string]bool{"snapshot-controller": parts.controller, "classes": parts.classes} {
		if !wanted {
			continue
		}
		if err := applyFixture(ctx, c, dir, everything); err != nil {
			return err
		}
	}
	if !parts.controller {
		return nil
	}
	return c.DeploymentReady(ctx, "kube-system", snapshotController, timeouts.AddonReady)
}

// applyFixture applies those objects of a directory of fixtures that prepare lets pass, as it leaves them.
func applyFixture(ctx context.Context, c *kube.Client, dir string, prepare func(*unstructured.Unstructured) (bool, error)) error {
	objects, err := kube.Decode(ctx, fixtures.FS, dir)
	if err != nil {
		return err
	}
	for _, object := range objects {
		wanted, err := prepare(object)
		if err != nil {
			return fmt.Errorf("fixture %s %s: %w", object.GetKind(), object.GetName(), err)
		}
		if !wanted {
			continue
		}
		if err := c.Apply(ctx, object); err != nil {
			return err
		}
	}
	return nil
}
