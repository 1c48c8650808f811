package kind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	kindcluster "sigs.k8s.io/kind/pkg/cluster"

	"github.com/muster-csi/muster/framework/cluster"
)

// readyWithin bounds the time from containers that run to a ready cluster.
const readyWithin = 4 * time.Minute

// Up brings up a cluster and returns when its nodes are Ready, its DNS answers and
// all images are loaded. A cluster that runs already is ErrRunning, or is taken
// with newly loaded images when cfg says so. On an error, also when ctx ends,
// nothing is left behind of a cluster that Up has begun.
func Up(ctx context.Context, cfg Config) (*cluster.Info, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := checkEngine(ctx); err != nil {
		return nil, err
	}
	l := newLayout(cfg.StateRoot, cfg.Name)
	lock, err := cluster.TryLock(l.lock(), l.name)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	if err := refuse(ctx, l, cfg.Reuse); err != nil {
		return nil, err
	}
	up := &start{Config: cfg, layout: l, kind: library(), steps: cluster.NewProgress(cfg.Progress)}
	if running(ctx, l) {
		return up.reuse(ctx)
	}
	began := time.Now()
	if l.begun() {
		if err := remove(ctx, l); err != nil {
			return nil, fmt.Errorf("clean up after the last cluster %q: %w", l.name, err)
		}
		up.steps.Done("removed what a crashed cluster of this name left", time.Since(began))
	}
	info, err := up.all(ctx)
	if err == nil {
		return info, nil
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("interrupted while bringing up cluster %q; everything begun was taken down again", cfg.Name)
	}
	// What ended ctx must not stop the cleaning.
	return nil, errors.Join(err, remove(context.WithoutCancel(ctx), l))
}

// refuse returns ErrRunning when a cluster of that name runs and may not be used, and
// another error when one is in the way that is not muster's to remove.
func refuse(ctx context.Context, l layout, reuse bool) error {
	if !running(ctx, l) {
		members, err := containers(ctx, l.name)
		if err == nil && len(members) > 0 && !l.begun() {
			err = fmt.Errorf("there is a kind cluster %q that does not run and that muster has not made; choose another --name, or remove it: muster down --cluster kind --name %s", l.name, l.name)
		}
		return err
	}
	if reuse {
		return nil
	}
	return fmt.Errorf("kind cluster %q %w; use it with KEEP=1 (--keep), or take it down: muster down --cluster kind --name %s", l.name, cluster.ErrRunning, l.name)
}

// start is one way up.
type start struct {
	Config
	layout layout
	kind   *kindcluster.Provider
	steps  *cluster.Progress
}

// all makes the nodes and everything in them.
func (s *start) all(ctx context.Context) (*cluster.Info, error) {
	if err := os.MkdirAll(s.layout.dir(), 0o700); err != nil {
		return nil, fmt.Errorf("make the state directory of cluster %q: %w", s.Name, err)
	}
	image, own, err := s.image(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.create(ctx, image, own); err != nil {
		return nil, err
	}
	s.steps.Reached("control plane")
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("the cluster was not ready within %s", readyWithin))
	defer cancel()
	if own {
		if err := s.connectPods(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.fill(ctx); err != nil {
		return nil, err
	}
	if err := s.layout.save(record{NodeImage: image, Started: time.Now()}); err != nil {
		return nil, err
	}
	return s.info(), nil
}

// reuse takes a running cluster as it is and loads the images of now.
func (s *start) reuse(ctx context.Context) (*cluster.Info, error) {
	s.steps.Note(fmt.Sprintf("kind cluster %q runs already and is used as it is", s.Name))
	if err := os.MkdirAll(s.layout.dir(), 0o700); err != nil {
		return nil, fmt.Errorf("make the state directory of cluster %q: %w", s.Name, err)
	}
	if r, err := s.layout.load(); err != nil {
		return nil, err
	} else if r == nil { // somebody else has made it
		if err := s.layout.save(record{Started: time.Now()}); err != nil {
			return nil, err
		}
	}
	if err := s.kind.ExportKubeConfig(s.Name, s.layout.kubeconfig(), false); err != nil {
		return nil, fmt.Errorf("write the kubeconfig of kind cluster %q: %w", s.Name, err)
	}
	if err := s.fill(ctx); err != nil {
		return nil, err
	}
	info := s.info()
	info.Reused = true
	return info, nil
}

// info describes the cluster.
func (s *start) info() *cluster.Info {
	info := &cluster.Info{Name: s.Name, Provider: providerName, Kubeconfig: s.layout.kubeconfig(), StateDir: s.layout.dir()}
	if nodes, err := s.kind.ListInternalNodes(s.Name); err == nil && len(nodes) > 0 {
		info.NodeIP, _, _ = nodes[0].IP()
	}
	return info
}
