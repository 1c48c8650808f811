package runner

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/workload"
)

// benchSnapshots is how many snapshots one run takes.
const benchSnapshots = 10

// snapshots takes snapshots of a volume in use, one after the other, and adds
// the median time until readyToUse.
func (b *bench) snapshots(ctx context.Context, session *Session) error {
	cluster, err := harness.Connect(harness.Config{
		Kubeconfig: session.Cluster.Kubeconfig, OutputDir: filepath.Join(b.root, "_output", "bench"),
		Contract: session.Target.Contract(), Target: session.Target.Name(),
	})
	if err != nil {
		return err
	}
	// Everything is in the default namespace; the cluster ends with it.
	env := &harness.Env{Cluster: cluster, Namespace: "default", Began: time.Now()}
	claim, err := env.BoundClaim(ctx, harness.Claim{Name: "bench", MiB: 1024})
	if err != nil {
		return err
	}
	pod, err := env.StartPod(ctx, "bench", claim)
	if err != nil {
		return err
	}
	if _, err := pod.Write(ctx, workload.Content{Seed: 1, MiB: 256}); err != nil {
		return err
	}
	var samples []time.Duration
	for i := range benchSnapshots {
		began := time.Now()
		if _, err := env.ReadySnapshot(ctx, fmt.Sprintf("bench-%d", i), claim); err != nil {
			return err
		}
		samples = append(samples, time.Since(began))
	}
	b.snapshot.samples = append(b.snapshot.samples, median(samples))
	return nil
}

// cutMetric is how the engine's benchmark says what one cut takes.
var cutMetric = regexp.MustCompile(`([0-9.]+) cut-ms`)

// engine measures the cut of a mounted volume with the engine's own benchmark.
func (b *bench) engine(ctx context.Context) error {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "test", "-buildvcs=false", "-run", "^$", "-bench", "^BenchmarkSnapshot$",
		"-benchtime", "20x", "./driver/engine")
	cmd.Dir = b.root
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("measure the engine: %w\n%s", err, output.String())
	}
	found := cutMetric.FindSubmatch(output.Bytes())
	if found == nil {
		return fmt.Errorf("the engine's benchmark says nothing of the cut:\n%s", output.String())
	}
	milliseconds, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		return fmt.Errorf("read the engine's benchmark: %w", err)
	}
	b.cut.samples = append(b.cut.samples, time.Duration(milliseconds*float64(time.Millisecond)))
	return nil
}
