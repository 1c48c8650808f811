package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/logs"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/shards"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/yardstick"
)

// Options say what E2E does.
type Options struct {
	Selection
	// Cluster says where the cluster comes from.
	Cluster ClusterOptions
	// Existing is about clusters of the kind of that name.
	Existing ExistingOptions
	// Inside is set for a run in pods of the cluster, which must be an existing one.
	Inside InsideOptions
	// Driver is the driver under test.
	Driver DriverOptions
	// Contract is the Longhorn version, such as "1.4", that the driver follows
	// and whose clauses are expected; "" means the default, or that of the release of Longhorn.
	Contract string
	// Processes is how many specs may run at the same time.
	Processes int
	// Retries is how often a spec that fails is tried again.
	Retries int
	// Keep leaves the cluster up afterwards.
	Keep bool
	// Yardsticks name test suites of others to run too; "1" means all of them.
	Yardsticks []string
	// Out is where a person reads along.
	Out *os.File
	// Kill ends the run at once when it is closed, without cleanup of specs.
	Kill <-chan struct{}
}

// outputDir is where the results of a run lie, binDir where programs are
// built, both relative to the root.
const (
	outputDir = "_output/e2e"
	binDir    = "bin"
)

// e2e is one run from nothing to a verdict.
type e2e struct {
	Options
	root, dir string
	// id marks what the run makes.
	id        string
	guest     *guest
	longhorn  *longhornRun
	began     time.Time
	terminal  *report.Terminal
	catalogue *contract.Catalogue

	yardsticks []yardstick.Definition

	set   *components.Set
	suite *Suite
	plan  []contract.Spec
	// selected are all specs that the selection means, also those about other releases.
	selected []contract.Spec
	// outcomes are what became of the shards of a run in pods.
	outcomes []shards.Outcome
	image    suiteImage
	session  *Session
	result   *report.Suite
	stopped  bool
}

// E2E brings up a cluster, runs the selected specs, writes the report, takes
// the cluster down and prints the verdict. It returns an error when there is no
// verdict; failed specs are a verdict. Yardsticks that were asked for follow the
// specs and have results of their own.
func E2E(ctx context.Context, opts Options) (*report.Report, error) {
	run := &e2e{Options: opts, id: runid.New(), began: time.Now()}
	run.terminal = report.NewTerminal(opts.Out, term.IsTerminal(int(opts.Out.Fd())))
	if err := run.prepare(ctx); err != nil {
		return nil, err
	}
	if err := run.openAndPlan(ctx); err != nil {
		return nil, err
	}
	statement, err := run.examine(ctx)
	run.collect(ctx)
	if err == nil {
		err = run.measure(ctx, statement)
	}
	if err := errors.Join(err, run.end(ctx)); err != nil {
		return nil, err
	}
	run.show(statement)
	return statement, nil
}

// where is the cluster of the run. What is to be kept may have been kept before.
func (e *e2e) where() ClusterOptions {
	where := e.Cluster
	where.Reuse = e.Keep
	return where
}

// prepare does everything that needs no cluster.
func (e *e2e) prepare(ctx context.Context) error {
	var err error
	if err = e.check(); err != nil {
		return err
	}
	if e.root, err = components.FindRoot(); err != nil {
		return err
	}
	e.dir = filepath.Join(e.root, outputDir)
	if e.catalogue, err = contract.Load(); err != nil {
		return err
	}
	if e.yardsticks, err = yardstick.Select(e.Yardsticks); err != nil {
		return err
	}
	if e.Driver.longhorn() && e.Cluster.Kind != Existing {
		if err := e.prepareLonghorn(ctx); err != nil {
			return err
		}
	}
	if e.Cluster.Kind == Existing {
		if e.guest, err = newGuest(ctx, e.Existing, e.Driver, e.Contract, e.id); err != nil {
			return err
		}
		e.Contract = e.guest.config.Contract
		e.terminal.Note("run %s; should it be killed: %s", e.id, e.guest.cleaning())
		if e.Existing.Install == "" {
			return nil // nothing that is built is used
		}
	}
	e.Contract = cmp.Or(e.Contract, target.DefaultContract)
	began := time.Now()
	if e.set, err = e.components(ctx); err != nil {
		return err
	}
	e.terminal.Stage("components", time.Since(began))
	return nil
}

// prepareLonghorn reads the release and builds what its nodes need.
func (e *e2e) prepareLonghorn(ctx context.Context) error {
	var err error
	if e.longhorn, err = newLonghornRun(ctx, e.Driver, e.Contract); err != nil {
		return err
	}
	e.Contract = e.longhorn.release.Version.Contract()
	e.longhorn.says(e.terminal.Note)
	if e.Cluster.Kind == Kind && e.Cluster.NodeImage == "" {
		return errors.New("kind's own node image has no iSCSI initiator that works there: take the one that is built here, make node-image and NODE_IMAGE=local (--node-image local), or one of yours with qemu-system-common, qemu-block-extra and libiscsi-bin")
	}
	if e.Cluster.Kind.orDefault() == Embedded {
		if err := e.longhorn.fits(e.terminal.Note); err != nil {
			return err
		}
	}
	return e.longhorn.build(ctx, e.root)
}

// openAndPlan brings up the cluster and meanwhile builds the suite; a
// selection that means nothing ends both.
func (e *e2e) openAndPlan(ctx context.Context) error {
	group, both := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		began := time.Now()
		if e.suite, err = BuildSuite(both, e.root, filepath.Join(e.root, binDir)); err != nil {
			return err
		}
		if e.selected, err = e.suite.Plan(both, e.Selection); err != nil {
			return err
		}
		if e.plan, err = inScope(e.catalogue, e.selected, e.Contract); err != nil {
			return err
		}
		e.terminal.Stage(fmt.Sprintf("suite (%d specs selected)", len(e.plan)), time.Since(began))
		return nil
	})
	group.Go(func() (err error) {
		if e.session, err = e.open(both); err != nil || !e.Inside.wanted() {
			return err
		}
		return e.provideImage(both)
	})
	err := group.Wait()
	if err != nil && e.session != nil {
		err = errors.Join(err, e.session.Close(ctx))
	}
	return err
}

// examine runs the specs and writes the report.
func (e *e2e) examine(ctx context.Context) (*report.Report, error) {
	core, err := e.session.Core()
	if err != nil {
		return nil, err
	}
	before, err := containerEnds(ctx, core, target.Namespace)
	if err != nil {
		return nil, err
	}
	follower, err := e.session.Target.FollowLogs(ctx, filepath.Join(e.dir, logs.Dir))
	if err != nil {
		return nil, err
	}
	e.terminal.Blank()
	e.result, err = e.do(ctx)
	e.endLogs(ctx, follower)
	e.stopped = errors.Is(err, ErrInterrupted)
	if err != nil && (!e.stopped || e.result == nil) {
		return nil, err
	}
	// What follows is quick and belongs to the verdict, interrupted or not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	restarts, err := restartsSince(ctx, core, target.Namespace, before, follower.Pods())
	if err != nil {
		e.result.Trouble = append(e.result.Trouble, err.Error())
	}
	return e.write(ctx, restarts)
}

// run is the run of the suite against the session.
func (e *e2e) run() Run {
	config := harness.Config{
		Kubeconfig: e.session.Cluster.Kubeconfig, OutputDir: e.dir, Run: e.id,
		Contract: e.session.Target.Contract(), Target: target.Reference, LeakCheck: true,
	}
	if e.longhorn != nil {
		config.Target = target.Longhorn
	}
	if e.guest != nil {
		e.guest.fitted.Configure(&config)
	}
	return Run{
		Selection: e.Selection,
		Config:    config,
		Processes: e.Processes,
		Retries:   e.Retries,
		Kill:      e.Kill,
		Started:   e.session.guard.Processes,
		Each:      e.progress(),
	}
}

// do runs the specs, here or in pods of the cluster.
func (e *e2e) do(ctx context.Context) (*report.Suite, error) {
	if e.Inside.wanted() {
		return e.doInside(ctx)
	}
	return e.suite.Do(ctx, e.run())
}

// progress shows each finished spec to a person.
func (e *e2e) progress() func(harness.Finished) {
	planned := map[string]bool{}
	for _, spec := range e.plan {
		planned[spec.Name] = true
	}
	finished := 0
	return func(spec harness.Finished) {
		if planned[spec.Name] {
			finished++
			e.terminal.Spec(finished, len(e.plan), spec.Name, report.ResultOf(spec.State, spec.Attempts), spec.Seconds)
		}
	}
}

// write makes the report and stores it in every form.
func (e *e2e) write(ctx context.Context, restarts []report.Restart) (*report.Report, error) {
	versions, err := e.session.Target.Versions(ctx)
	if err != nil {
		e.result.Trouble = append(e.result.Trouble, err.Error())
		versions = map[string]string{}
	}
	versions["muster"] = ownVersion()
	environment := report.NewEnvironment(e.session.Provider(), versions, e.nodes(ctx))
	if e.longhorn != nil {
		e.longhorn.describe(&environment)
	} else {
		environment.NFSClient = e.session.nfsClient()
	}
	statement := report.Build(report.Input{
		Implementation: report.Implementation{
			Name: e.session.Target.Name(), Version: cmp.Or(versions["muster-driver"], versions["longhorn-manager"]), Contract: e.session.Target.Contract(),
		},
		Versions:    versions,
		Environment: environment,
		Run:         report.Run{ID: e.id, Focus: e.Focus, Labels: e.Labels, Processes: e.Processes, Retries: e.Retries, Shards: e.shardsOfReport()},
		Suite:       e.result, Interrupted: e.stopped || e.unjudged(), Planned: len(e.plan), Restarts: restarts,
		Logs: e.logs(),
	}, e.catalogue)
	return statement, publish(statement, e.dir)
}

// nodes describes the cluster's nodes. Nothing depends on them: without them the
// report is poorer, and that is said.
func (e *e2e) nodes(ctx context.Context) []report.Node {
	core, err := e.session.Core()
	if err != nil {
		e.terminal.Note("the report does not describe the nodes: %v", err)
		return nil
	}
	found, err := nodes(ctx, core)
	if err != nil {
		e.terminal.Note("the report does not describe the nodes: %v", err)
	}
	return found
}

// endLogs lets the follower write what it has not yet.
func (e *e2e) endLogs(ctx context.Context, follower *logs.Follower) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeouts.Evidence)
	defer cancel()
	if err := follower.Stop(ctx); err != nil {
		e.terminal.Note("the logs may lack something: %v", err)
	}
}

// logs are what the driver has logged while the specs ran.
func (e *e2e) logs() map[string][]byte {
	all, err := logs.Read(filepath.Join(e.dir, logs.Dir), time.Time{})
	if err != nil {
		e.terminal.Note("the report does not say how long CSI calls took: %v", err)
	}
	return all
}

// end takes the cluster down, or says how to look at it and end it.
func (e *e2e) end(ctx context.Context) error {
	if !e.Keep {
		began := time.Now()
		if err := e.session.Close(ctx); err != nil {
			return err
		}
		e.terminal.Stage(e.downStage(), time.Since(began))
		return nil
	}
	if e.guest != nil {
		e.session.Keep()
		e.terminal.Note("what the run has made is kept; remove it with: %s", e.guest.cleaning())
		return nil
	}
	e.session.Keep()
	e.terminal.Blank()
	e.terminal.Note("the cluster is kept; look at it and end it with:")
	e.terminal.Note("  export KUBECONFIG=%s", e.session.Cluster.Kubeconfig)
	e.terminal.Note("  %s", e.Cluster.downCommand())
	return nil
}

// show prints the verdict.
func (e *e2e) show(statement *report.Report) {
	e.terminal.Failures(statement, outputDir)
	e.terminal.Skipped(statement)
	e.terminal.Verdict(statement, filepath.Join(outputDir, pageFile), time.Since(e.began))
}

// ownVersion is the version of this program, "devel" for a build from a
// checkout.
func ownVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
