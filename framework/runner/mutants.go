package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/target"
)

// mutantsDir is where the results of the mutated runs lie, relative to the root.
const mutantsDir = "_output/mutants"

// mutantDeadline ends a run in which specs hang in spite of their own limits.
const mutantDeadline = 6 * time.Minute

// MutantOptions say what Mutants does.
type MutantOptions struct {
	// Only names the defects to plant; empty means all.
	Only []string
	// Name is the name of the cluster that is made.
	Name string
	// Processes is how many specs may run at the same time.
	Processes int
	// TimeoutScale multiplies the limits of the specs in mutated runs.
	TimeoutScale float64
	// Out is where a person reads along.
	Out *os.File
	// Kill ends everything at once when it is closed.
	Kill <-chan struct{}
}

// mutants is one examination of the specs.
type mutants struct {
	MutantOptions
	defects  []defect
	dir      string
	terminal *report.Terminal
	suite    *Suite
	plan     []contract.Spec
	session  *Session
	tally    *tally
}

// Mutants examines the specs: it plants each defect in the driver, runs the
// specs of the defect's capability and notes which of them fail. It reports
// whether every defect was caught and every spec caught one.
func Mutants(ctx context.Context, opts MutantOptions) (bool, error) {
	defects, err := chooseDefects(opts.Only)
	if err != nil {
		return false, err
	}
	began := time.Now()
	m := &mutants{MutantOptions: opts, defects: defects,
		terminal: report.NewTerminal(opts.Out, term.IsTerminal(int(opts.Out.Fd())))}
	if err := m.open(ctx); err != nil {
		return false, err
	}
	err = m.baseline(ctx)
	if err == nil {
		err = m.plantAll(ctx)
	}
	if err := errors.Join(err, m.session.Close(ctx)); err != nil {
		return false, err
	}
	m.tally.print(m.Out, len(opts.Only) == 0, time.Since(began))
	return m.tally.good(len(opts.Only) == 0), nil
}

// open brings up cluster and driver and lists the specs.
func (m *mutants) open(ctx context.Context) error {
	root, err := components.FindRoot()
	if err != nil {
		return err
	}
	m.dir = filepath.Join(root, mutantsDir)
	set, err := Components(ctx, root, ClusterOptions{Name: m.Name}, m.Out)
	if err != nil {
		return err
	}
	if m.suite, err = BuildSuite(ctx, root, filepath.Join(m.dir, binDir)); err != nil {
		return err
	}
	catalogue, err := contract.Load()
	if err != nil {
		return err
	}
	selected, err := m.suite.Plan(ctx, m.selection())
	if err != nil {
		return err
	}
	if m.plan, err = inScope(catalogue, selected, target.DefaultContract); err != nil {
		return err
	}
	m.session, err = Open(ctx, ClusterOptions{Name: m.Name}, target.DefaultContract, set, m.Out, m.terminal.Stage)
	return err
}

// clusterLabel marks specs about what surrounds a driver, the API server's rules and
// the snapshot-controller. They are not run with a defect: no bug of a driver can fail them.
const clusterLabel = "cluster"

// aboutDriver is a label filter without the specs about the cluster.
func aboutDriver(labels string) Selection {
	return Selection{Labels: fmt.Sprintf("(%s) && !%s", labels, clusterLabel)}
}

// countOfCluster is the number of specs about the cluster.
func (m *mutants) countOfCluster(ctx context.Context) (int, error) {
	specs, err := m.suite.Plan(ctx, Selection{Labels: clusterLabel})
	if errors.Is(err, ErrNothingSelected) {
		return 0, nil
	}
	return len(specs), err
}

// selection is the specs of the chosen defects' capabilities: all of them that are about the
// driver unless somebody asked for some defects only.
func (m *mutants) selection() Selection {
	if len(m.Only) == 0 {
		return Selection{Labels: "!" + clusterLabel}
	}
	var labels []string
	for _, d := range m.defects {
		if !slices.Contains(labels, d.Capability) {
			labels = append(labels, d.Capability)
		}
	}
	return aboutDriver(strings.Join(labels, " || "))
}

// baseline runs the specs against the driver as it is: a spec that fails now
// would seem to catch everything.
func (m *mutants) baseline(ctx context.Context) error {
	began := time.Now()
	ends, err := m.run(ctx, "baseline", m.selection(), 1, 0)
	if err != nil {
		return err
	}
	m.tally = newTally(m.plan, m.defects)
	if m.tally.ofCluster, err = m.countOfCluster(ctx); err != nil {
		return err
	}
	var failed []string
	for _, spec := range m.plan {
		switch ends[spec.Name] {
		case report.SpecPassed:
		case report.SpecSkipped:
			m.tally.skipped[spec.Name] = true
		default:
			failed = append(failed, spec.Name)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("without any defect these specs do not pass, so nothing can be said of them (see %s):\n  %s",
			filepath.Join(mutantsDir, "baseline"), strings.Join(failed, "\n  "))
	}
	m.terminal.Stage(fmt.Sprintf("%d specs without defect", len(m.plan)), time.Since(began))
	m.terminal.Blank()
	return nil
}

// plantAll runs the specs once for each defect and goes on after a survivor.
func (m *mutants) plantAll(ctx context.Context) error {
	for i, defect := range m.defects {
		began := time.Now()
		caught, err := m.plant(ctx, defect)
		if err != nil {
			return fmt.Errorf("defect %s: %w", defect.Name, err)
		}
		m.tally.add(defect, caught)
		result := report.SpecPassed
		if len(caught) == 0 {
			result = report.SpecFailed
		}
		line := fmt.Sprintf("%s: caught by %d of %d", defect.Name, len(caught), len(m.tally.of(defect)))
		m.terminal.Spec(i+1, len(m.defects), line, result, time.Since(began).Seconds())
	}
	return nil
}

// plant puts one defect in place and returns the specs that fail.
func (m *mutants) plant(ctx context.Context, defect defect) ([]string, error) {
	undo, err := defect.plant(ctx, m.session)
	if err != nil {
		return nil, err
	}
	ends, err := m.run(ctx, string(defect.Name), aboutDriver(defect.Capability), m.TimeoutScale, mutantDeadline)
	if err != nil {
		return nil, err
	}
	var caught []string
	for _, spec := range m.tally.of(defect) {
		if ends[spec.Name] == report.SpecFailed {
			caught = append(caught, spec.Name)
		}
	}
	return caught, undo(ctx)
}

// run runs specs and returns how each ended. A spec that the deadline stopped
// is interrupted: it caught nothing.
func (m *mutants) run(ctx context.Context, name string, selection Selection, scale float64, deadline time.Duration) (map[string]report.Result, error) {
	ends := map[string]report.Result{}
	_, err := m.suite.Do(ctx, Run{
		Selection: selection,
		Config: harness.Config{
			Kubeconfig: m.session.Cluster.Kubeconfig, OutputDir: filepath.Join(m.dir, name),
			Contract: m.session.Target.Contract(), Target: m.session.Target.Name(), LeakCheck: true, TimeoutScale: scale,
		},
		Processes: m.Processes,
		Deadline:  deadline,
		Kill:      m.Kill,
		Started:   m.session.guard.Processes,
		Each: func(spec harness.Finished) {
			ends[spec.Name] = report.ResultOf(spec.State, spec.Attempts)
		},
	})
	if ctx.Err() != nil {
		return nil, fmt.Errorf("interrupted: %w", ctx.Err())
	}
	if err != nil && !errors.Is(err, ErrInterrupted) {
		return nil, err
	}
	return ends, nil
}
