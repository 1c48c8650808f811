//go:build linux

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded/supervisor"
)

// Up brings up a cluster and returns when its node is Ready and a Service name
// resolves in it. On an error, also when ctx ends, nothing is left behind; the
// error names the component and shows the end of its log.
func Up(ctx context.Context, cfg Config) (*cluster.Info, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := preflight(cfg); err != nil {
		return nil, err
	}
	l := newLayout(cfg.StateRoot, cfg.Name)
	lock, err := cluster.TryLock(l.lock(), l.name)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	steps := cluster.NewProgress(cfg.Progress)
	if err := clearLeftover(ctx, l, steps); err != nil {
		return nil, err
	}
	r, info, err := bringUp(ctx, cfg, l, steps)
	if err == nil {
		return info, nil
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("interrupted while bringing up cluster %q; everything begun was taken down again", cfg.Name)
	}
	if r != nil {
		err = errors.Join(err, remove(ctx, l, r))
	}
	return nil, errors.Join(err, os.RemoveAll(l.dir()))
}

// clearLeftover refuses a running cluster and removes a dead one.
func clearLeftover(ctx context.Context, l layout, steps *cluster.Progress) error {
	r, err := loadRecord(l)
	if errors.Is(err, errNoRecord) {
		return os.RemoveAll(l.dir())
	}
	if err != nil {
		return fmt.Errorf("%w; remove it with: muster down --name %s", err, l.name)
	}
	if err := refuseRunning(l); err != nil {
		return err
	}
	began := time.Now()
	if err := remove(ctx, l, r); err != nil {
		return fmt.Errorf("clean up after the last cluster %q: %w", l.name, err)
	}
	steps.Done("removed what a crashed cluster of this name left", time.Since(began))
	return nil
}

// refuseRunning returns ErrRunning when the cluster is up.
func refuseRunning(l layout) error {
	if r, err := loadRecord(l); err == nil && r.running() && r.Committed {
		return fmt.Errorf("cluster %q %w (see: muster status --name %s); take it down first (muster down --name %s) or choose another --name", l.name, ErrRunning, l.name, l.name)
	}
	return nil
}

// bringUp does the work of Up. The record is returned as soon as there is
// something to remove again, also beside an error.
func bringUp(ctx context.Context, cfg Config, l layout, steps *cluster.Progress) (*record, *cluster.Info, error) {
	if err := l.make(); err != nil {
		return nil, nil, err
	}
	taken, err := takenPrefixes()
	if err != nil {
		return nil, nil, err
	}
	subnet, err := chooseSubnet(cfg.Subnet, taken)
	if err != nil {
		return nil, nil, err
	}
	plan := planAddresses(subnet)
	missing, err := fillImages(cfg, l, steps)
	if err != nil {
		return nil, nil, err
	}
	s, err := launch(l)
	if err != nil {
		return nil, nil, err
	}
	r := &record{
		Name: cfg.Name, Boot: bootID(),
		Supervisor: identify(s.cmd.Process.Pid),
		Link:       linkName(l.global()), Subnet: subnet.String(), NodeIP: plan.node.Addr().String(),
		Cgroup: l.global(), Started: time.Now(),
	}
	if r.Watcher, err = startWatcher(l, s); err != nil {
		return r, nil, err
	}
	if err := r.save(l); err != nil {
		return r, nil, err
	}
	if err := makeLink(r.Link, s.cmd.Process.Pid, plan); err != nil {
		if errors.Is(err, errLinkExists) {
			r.Link = ""
		}
		return r, nil, err
	}
	if err := s.send(makeSpec(cfg, l, plan, missing)); err != nil {
		return r, nil, err
	}
	if err := awaitReady(ctx, s, host{cfg: cfg, layout: l, plan: plan, steps: steps}); err != nil {
		return r, nil, err
	}
	if len(missing) > 0 {
		keepImages(cfg, l, steps)
	}
	if err := giveKubeconfig(l); err != nil {
		return r, nil, err
	}
	r.Committed = true
	if err := r.save(l); err != nil {
		return r, nil, err
	}
	return r, r.info(l), s.commit()
}

// fillImages puts prepared images into the cluster's state and returns the
// archives that are left to import.
func fillImages(cfg Config, l layout, steps *cluster.Progress) ([]string, error) {
	began := time.Now()
	missing, err := imageStores{cfg.storeDir()}.fill(l.file(supervisor.ContainerdDir), cfg.Set.Images())
	if err == nil {
		steps.Done("prepared images", time.Since(began))
	}
	return missing, err
}

// keepImages keeps the imported images for the next cluster. Failing to do so
// only costs the next one time.
func keepImages(cfg Config, l layout, steps *cluster.Progress) {
	began := time.Now()
	if err := (imageStores{cfg.storeDir()}).keep(l.file(supervisor.PreparedDir), cfg.Set.Images()); err != nil {
		steps.Note(fmt.Sprintf("the imported images could not be kept for the next start: %v", err))
		return
	}
	steps.Done("images kept for later", time.Since(began))
}

// makeSpec describes the cluster to the supervisor; missing are the archives
// that are not in its image store yet.
func makeSpec(cfg Config, l layout, plan addressPlan, missing []string) *supervisor.Spec {
	spec := &supervisor.Spec{
		Name: cfg.Name, NodeName: nodeName(cfg.Name), Cgroup: l.global(), StateDir: l.dir(),
		NodeCIDR: plan.node.String(), Gateway: plan.host.Addr().String(),
		PodCIDR: plan.pods.String(), ServiceCIDR: plan.services.String(),
		Interface: innerLink, Binaries: map[string]string{},
		PauseImage: imageRef(cfg.Set, "pause"), Version: cfg.Set.Versions()["kube-apiserver"],
		Images: missing, Verbosity: 1,
	}
	for _, name := range supervisor.Programs() {
		spec.Binaries[name] = cfg.Set.Binary(name)
	}
	return spec
}

// info is what callers get to know of a recorded cluster.
func (r *record) info(l layout) *cluster.Info {
	return &cluster.Info{
		Name: r.Name, Provider: providerName, Kubeconfig: l.kubeconfig(), NodeIP: r.NodeIP, StateDir: l.dir(), PID: r.Supervisor.PID,
	}
}

// giveKubeconfig lets the user who ran sudo read the kubeconfig.
func giveKubeconfig(l layout) error {
	uid, err := strconv.Atoi(os.Getenv("SUDO_UID"))
	if err != nil {
		return nil // not under sudo
	}
	if err := os.Chown(l.kubeconfig(), uid, -1); err != nil {
		return fmt.Errorf("give the kubeconfig to user %d: %w", uid, err)
	}
	return nil
}
