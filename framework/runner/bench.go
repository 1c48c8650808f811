package runner

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/target"
)

// BenchOptions say what Bench does.
type BenchOptions struct {
	// Runs is how often everything is measured.
	Runs int
	// Name is the name of the clusters that are made, one after the other.
	Name string
	// Processes is how many specs run at the same time.
	Processes int
	// Out is where a person reads along.
	Out *os.File
	// Kill ends everything at once when it is closed.
	Kill <-chan struct{}
}

// figure is one thing that is measured: its name, what it should be, and one
// sample per run.
type figure struct {
	name    string
	target  time.Duration
	samples []time.Duration
}

// bench is one measurement of everything.
type bench struct {
	BenchOptions
	root string
	set  *components.Set

	nodeReady, allReady, snapshot, cut, whole figure
}

// Bench measures how fast a cluster is up, a snapshot is ready and the suite
// is done, in alternating runs, and prints the medians beside the targets.
// Nothing is asserted: the figures depend on the machine.
func Bench(ctx context.Context, opts BenchOptions) error {
	b := &bench{
		BenchOptions: opts,
		nodeReady:    figure{name: "node Ready after up", target: 5 * time.Second},
		allReady:     figure{name: "driver, sidecars, MinIO ready after up", target: 20 * time.Second},
		snapshot:     figure{name: "VolumeSnapshot readyToUse, 1 GiB with 256 MiB, p50", target: time.Second},
		cut:          figure{name: "cut in the engine", target: 50 * time.Millisecond},
		whole:        figure{name: "all specs, cluster up and down included", target: 150 * time.Second},
	}
	var err error
	if b.root, err = components.FindRoot(); err != nil {
		return err
	}
	if b.set, err = Components(ctx, b.root, ClusterOptions{Name: b.Name}, b.Out); err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "measuring %d times on %d cores; each time takes two to three minutes\n", b.Runs, runtime.NumCPU())
	for i := range b.Runs {
		for _, measure := range []func(context.Context) error{b.cluster, b.engine, b.specs} {
			if err := measure(ctx); err != nil {
				return fmt.Errorf("run %d: %w", i+1, err)
			}
		}
		fmt.Fprintf(b.Out, "\nafter %d of %d:\n", i+1, b.Runs)
		b.print()
	}
	return nil
}

// cluster measures the way up and ten snapshots.
func (b *bench) cluster(ctx context.Context) error {
	watch := newStopwatch("node Ready")
	session, err := Open(ctx, ClusterOptions{Name: b.Name}, target.DefaultContract, b.set, watch, func(string, time.Duration) {})
	if err != nil {
		return err
	}
	all := time.Since(watch.began)
	ready, err := watch.seen()
	if err == nil {
		b.nodeReady.samples = append(b.nodeReady.samples, ready)
		b.allReady.samples = append(b.allReady.samples, all)
		err = b.snapshots(ctx, session)
	}
	if closeErr := session.Close(ctx); err == nil {
		err = closeErr
	}
	return err
}

// specs measures a whole run from nothing to a verdict, with everything built.
func (b *bench) specs(ctx context.Context) error {
	quiet, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("open the null device: %w", err)
	}
	defer quiet.Close()
	began := time.Now()
	statement, err := E2E(ctx, Options{Cluster: ClusterOptions{Name: b.Name}, Processes: b.Processes, Out: quiet, Kill: b.Kill})
	if err != nil {
		return err
	}
	if statement.Verdict != report.Passed {
		return fmt.Errorf("the specs did not pass, see %s", filepath.Join(outputDir, reportFile))
	}
	b.whole.samples = append(b.whole.samples, time.Since(began))
	return nil
}

// print writes the table.
func (b *bench) print() {
	table := tabwriter.NewWriter(b.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "figure\ttarget\tmedian\tmin\tmax\t")
	for _, f := range []figure{b.nodeReady, b.allReady, b.snapshot, b.cut, b.whole} {
		fmt.Fprintf(table, "%s\tunder %s\t%s\t%s\t%s\t\n", f.name, readable(f.target), readable(median(f.samples)),
			readable(slices.Min(f.samples)), readable(slices.Max(f.samples)))
	}
	table.Flush()
}

// readable writes milliseconds below a second, else seconds.
func readable(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// median returns the middle of the samples, the lower one of two.
func median(samples []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[(len(sorted)-1)/2]
}

// stopwatch notes when a line of progress says that a state is reached.
type stopwatch struct {
	began time.Time
	state string

	mutex   sync.Mutex
	reached time.Duration
	said    bytes.Buffer
}

var _ io.Writer = (*stopwatch)(nil)

func newStopwatch(state string) *stopwatch { return &stopwatch{began: time.Now(), state: state} }

// Write takes a line of progress.
func (s *stopwatch) Write(line []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.reached == 0 && strings.Contains(string(line), s.state) {
		s.reached = time.Since(s.began)
	}
	return s.said.Write(line)
}

// seen returns when the state was reached.
func (s *stopwatch) seen() (time.Duration, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.reached == 0 {
		return 0, fmt.Errorf("the cluster's progress never said %q:\n%s", s.state, s.said.String())
	}
	return s.reached, nil
}
