package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded"
	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/doctor"
	"github.com/muster-csi/muster/framework/initiator"
	"github.com/muster-csi/muster/framework/longhorn/release"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/target"
)

// initiatorProgram is the package of the initiator that nodes get, and what it is called when built.
const (
	initiatorProgram = "./cmd/muster-iscsi"
	initiatorFile    = "muster-iscsi"
)

// longhornRun is a run with a release of Longhorn as the driver under test, in a cluster of its own.
type longhornRun struct {
	release *release.Release
	// program is the built initiator.
	program string
}

// newLonghornRun reads the release and refuses what cannot work, before anything is made. Contract is
// what was asked for, "" for that of the release.
func newLonghornRun(ctx context.Context, options DriverOptions, contract string) (*longhornRun, error) {
	cache, err := components.CacheDir()
	if err != nil {
		return nil, err
	}
	source := release.Source{Version: options.LonghornVersion, Dir: options.LonghornDir, Cache: cache}
	found, err := release.Open(ctx, source)
	if err != nil {
		return nil, err
	}
	if own := found.Version.Contract(); contract != "" && contract != own {
		return nil, fmt.Errorf("Longhorn %s follows contract %s, not %s: leave CONTRACT out, or take another release", found.Version, own, contract)
	}
	return &longhornRun{release: found}, nil
}

// fits notes what this machine, whose kernel and programs an embedded cluster has, lacks for Longhorn, and
// ends the run where that cannot work.
func (l *longhornRun) fits(note func(string, ...any)) error {
	machine, err := doctor.ThisMachine(embedded.StateRoot())
	if err != nil {
		return err
	}
	findings := doctor.ExamineMachine(machine)
	for _, finding := range findings {
		if finding.Level == doctor.Error {
			note("%s", finding)
		}
	}
	if doctor.Worst(findings) == doctor.Error {
		return errors.New("Longhorn cannot run in a cluster on this machine; bin/muster doctor --driver longhorn shows all findings")
	}
	return nil
}

// build makes the initiator's program, which needs no library of the node.
func (l *longhornRun) build(ctx context.Context, root string) error {
	l.program = filepath.Join(root, binDir, initiatorFile)
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", l.program, initiatorProgram)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the iSCSI initiator: %w\n%s", err, strings.TrimSpace(string(output)))
	}
	return nil
}

// says is what a person reads of the release before it is installed.
func (l *longhornRun) says(note func(string, ...any)) {
	from, images := "downloaded", "its images are pulled by the nodes"
	if l.release.Dir != "" {
		from, images = "from "+l.release.Dir, fmt.Sprintf("%d archives of images are loaded, none is pulled", len(l.release.Archives))
	}
	if !l.release.Verified {
		from += "; its manifest is not known by checksum"
	}
	note("Longhorn %s, %s; %s", l.release.Version, from, images)
	for _, change := range l.release.Overlay() {
		note("  changed: %s", change)
	}
}

// describe notes in a report what was replaced or changed.
func (l *longhornRun) describe(environment *report.Environment) {
	environment.ISCSI = initiator.Name
	for _, change := range l.release.Overlay() {
		environment.Changes = append(environment.Changes, change.String())
	}
}

// install brings Longhorn into the session's cluster.
func (l *longhornRun) install(ctx context.Context, s *Session, set *components.Set, stage Stage) error {
	if err := l.release.FitsSnapshots(set.Versions()["snapshot-controller"]); err != nil {
		return err
	}
	nodes, err := s.provider.Nodes(ctx, s.Cluster.Name, set)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := initiator.Start(ctx, nodes, l.program); err != nil {
		return err
	}
	stage("iSCSI initiator in user space", time.Since(began))
	if len(l.release.Archives) > 0 {
		began = time.Now()
		if err := load(ctx, nodes, l.release.Archives); err != nil {
			return err
		}
		stage("Longhorn's images loaded", time.Since(began))
	}
	began = time.Now()
	if err := target.InstallLonghorn(ctx, s.REST, set, l.release); err != nil {
		return fmt.Errorf("install Longhorn %s: %w", l.release.Version, err)
	}
	stage("Longhorn, snapshots, MinIO", time.Since(began))
	s.Target = target.NewLonghorn(s.REST, set, l.release.Version)
	return nil
}

// load imports the archives into every node, one after the other into each: unpacking is bound by the disk.
func load(ctx context.Context, nodes []cluster.Node, archives []string) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, node := range nodes {
		group.Go(func() error {
			for _, archive := range archives {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				if err := node.LoadArchive(ctx, archive); err != nil {
					return fmt.Errorf("load Longhorn's images into node %s: %w", node.Name(), err)
				}
			}
			return nil
		})
	}
	return group.Wait()
}
