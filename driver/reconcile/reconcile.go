// Package reconcile makes the node's data what the longhorn.io objects say:
// it creates, copies, restores, attaches, expands and deletes volumes, cuts and
// deletes snapshots, makes and deletes backups and backing images, and reports
// the node's capacity. Every step may be repeated after a kill at any point. It
// serves no CSI.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/go-logr/logr"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/client-go/features"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlconfig "sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/driver/engine"
	"github.com/muster-csi/muster/driver/image"
)

// snapshotsOfVolume indexes Snapshots by the Volume that they are of.
const snapshotsOfVolume = "spec.volume"

// Options says what one node reconciles.
type Options struct {
	// Node is the Kubernetes node whose volumes these are.
	Node string
	// Namespace is where the objects live.
	Namespace string
	// DataDir is reported as the path of the node's disk.
	DataDir string
	// Engine holds the data.
	Engine *engine.Engine
	// Backups carries out what has to be done in backupstores.
	Backups backup.Runner
	// Downloads fetches backing images, Tool converts them.
	Downloads image.Downloader
	Tool      image.Tool
	// UploadAddress is where files of backing images are sent to, "" for nowhere.
	UploadAddress string
	// PodLabels select the pods of the node role, which get the IAM role of a
	// backup target; nil when they are not to be touched.
	PodLabels map[string]string
	// Contract is the release whose version-gated behaviour is shown.
	Contract config.Contract
	// Deviations are the planted defects that are on.
	Deviations deviation.Set
	// Log receives what the controllers have to say.
	Log *slog.Logger
}

// node is what the reconcilers share.
type node struct {
	Options
	client client.Client
	reader client.Reader // of the API server itself, for what must not be stale or is not to be cached
}

// NewManager returns a manager that runs the node's reconcilers once started.
func NewManager(ctx context.Context, cluster *rest.Config, options Options) (manager.Manager, error) {
	scheme, err := api.NewScheme()
	if err != nil {
		return nil, fmt.Errorf("build the scheme of longhorn.io/v1beta2: %w", err)
	}
	listAtOnce()
	skip := true
	mgr, err := ctrl.NewManager(cluster, manager.Options{
		Scheme:  scheme,
		Logger:  logr.FromSlogHandler(options.Log.Handler()),
		Metrics: server.Options{BindAddress: "0"},
		Cache:   cache.Options{DefaultNamespaces: map[string]cache.Config{options.Namespace: {}}},
		// Several nodes run in one process in tests.
		Controller: ctrlconfig.Controller{SkipNameValidation: &skip},
	})
	if err != nil {
		return nil, fmt.Errorf("make the controller manager (is the API server reachable?): %w", err)
	}
	err = mgr.GetFieldIndexer().IndexField(ctx, &longhorn.Snapshot{}, snapshotsOfVolume, func(object client.Object) []string {
		return []string{object.(*longhorn.Snapshot).Spec.Volume}
	})
	if err != nil {
		return nil, fmt.Errorf("index snapshots by volume: %w", err)
	}
	// Its cache starts with the manager, beside that of the snapshots, and not after it.
	if _, err := mgr.GetCache().GetInformer(ctx, &longhorn.Volume{}, cache.BlockUntilSynced(false)); err != nil {
		return nil, fmt.Errorf("watch volumes: %w", err)
	}
	shared := node{Options: options, client: mgr.GetClient(), reader: mgr.GetAPIReader()}
	return mgr, shared.setUp(ctx, mgr)
}

// setUp adds all reconcilers to the manager.
func (n node) setUp(ctx context.Context, mgr manager.Manager) error {
	restores := newJobs[struct{}](ctx, newTurns())
	toStore := newTurns()
	uploads, removals := newJobs[backup.Result](ctx, toStore), newJobs[backup.Result](ctx, toStore)
	targets := &backupTargets{n}
	provided := newJobs[engine.ImageInfo](ctx, newTurns())
	images := &backingImages{node: n, jobs: provided}
	for _, part := range []struct {
		name  string
		setUp func() error
	}{
		{"volume reconciler", func() error { return (&volumes{n, restores}).setUp(mgr) }},
		{"snapshot reconciler", func() error { return (&snapshots{n}).setUp(mgr) }},
		{"backing image reconciler", func() error { return images.setUp(ctx, mgr) }},
		{"backup reconciler", func() error { return (&backups{n, uploads}).setUp(ctx, mgr) }},
		{"backup volume reconciler", func() error { return (&backupVolumes{n, removals}).setUp(mgr) }},
		{"backup target reconciler", func() error { return errors.Join(targets.setUp(mgr), mgr.Add(targets)) }},
		{"jobs", func() error {
			return errors.Join(mgr.Add(restores), mgr.Add(uploads), mgr.Add(removals), mgr.Add(provided))
		}},
		{"upload of backing images", func() error {
			if n.UploadAddress == "" {
				return nil
			}
			return mgr.Add(&imageUploads{images, n.UploadAddress})
		}},
		{"capacity report", func() error { return mgr.Add(&capacityReport{n}) }},
	} {
		if err := part.setUp(); err != nil {
			return fmt.Errorf("set up the %s: %w", part.name, err)
		}
	}
	return nil
}

// listAtOnce makes the caches of this process read plain lists. A streamed list
// ends with a bookmark that the API server sends once a second, so that the
// reconcilers would start seconds late; this driver's lists are short.
func listAtOnce() {
	gates, ok := features.FeatureGates().(interface {
		Set(features.Feature, bool) error
	})
	if ok {
		_ = gates.Set(features.WatchListClient, false) // a gate that is gone or locked costs time only
	}
}

// snapshotsOf returns the Snapshots of a volume as the cache knows them.
func (n *node) snapshotsOf(ctx context.Context, volume string) ([]longhorn.Snapshot, error) {
	var list longhorn.SnapshotList
	err := n.client.List(ctx, &list, client.InNamespace(n.Namespace), client.MatchingFields{snapshotsOfVolume: volume})
	if err != nil {
		return nil, fmt.Errorf("list the snapshots of volume %s: %w", volume, err)
	}
	return list.Items, nil
}

// patchStatus writes the difference between two versions of an object's status
// and leaves both as they are. Only this node writes the status, so it needs no
// lock; no difference costs no call.
func (n *node) patchStatus(ctx context.Context, before, after client.Object) error {
	next := after.DeepCopyObject().(client.Object)
	// Another version would turn the patch into one that must meet that version.
	next.SetResourceVersion(before.GetResourceVersion())
	next.SetGeneration(before.GetGeneration())
	next.SetManagedFields(before.GetManagedFields())
	patch := client.MergeFrom(before)
	data, err := patch.Data(next)
	if err != nil || string(data) == "{}" {
		return err
	}
	return client.IgnoreNotFound(n.client.Status().Patch(ctx, next, patch))
}
