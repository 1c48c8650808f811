package shards

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Dir is the folder in the output directory with a folder for each shard.
const Dir = "shards"

// Launch is one run of the suite in pods.
type Launch struct {
	// Client may make Jobs and ConfigMaps in the namespace, and run commands in its pods.
	Client *kube.Client
	// Namespace is where the pods run, Account the service account that they run under.
	Namespace, Account string
	// Image has the suite; Pull says when it is pulled.
	Image string
	Pull  corev1.PullPolicy
	// Config is what the pods get to know.
	Config Config
	// Shards are what Split has made of the specs.
	Shards []Shard
	// Output is the output directory.
	Output string
	// Each gets every finished spec, one at a time.
	Each func(shard string, spec harness.Finished)
	// Began gets every shard whose pod has started to run, one at a time.
	Began func(shard Shard, pod, node string)
	// Kill ends everything at once when it is closed, without cleanup.
	Kill <-chan struct{}

	saying sync.Mutex
}

// Outcome is what became of one shard.
type Outcome struct {
	Shard Shard
	// Pod ran it on Node; both are "" when it never began.
	Pod, Node string
	// Dir is the folder with its result, "" when there is none.
	Dir string
	// Interrupted is set when its specs were stopped.
	Interrupted bool
	// Lost says why there is no result and what to do about it, nil when there is one.
	Lost error

	// began is set when its program has run.
	began bool
}

// phase is a Job, and the shards that its pods run in the order of their indexes.
type phase struct {
	job    string
	shards []Shard
	alone  bool
}

// phases are the Jobs in the order in which they run.
func phases(shards []Shard) []phase {
	beside, alone := phase{job: "muster-shards"}, phase{job: "muster-serial", alone: true}
	for _, shard := range shards {
		of := &beside
		if shard.Name == Alone {
			of = &alone
		}
		of.shards = append(of.shards, shard)
	}
	var all []phase
	for _, p := range []phase{beside, alone} {
		if len(p.shards) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// Run runs the shards and returns what became of each, in their order. The specs that run
// alone begin when every other pod has ended. When ctx ends the pods are told to end, and
// their results are fetched. An error means that nothing could be begun.
func (l *Launch) Run(ctx context.Context) ([]Outcome, error) {
	config, err := l.configMap()
	if err != nil {
		return nil, err
	}
	if _, err := l.Client.Core.CoreV1().ConfigMaps(l.Namespace).Create(ctx, config, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("make the configuration of the shards: %w", err)
	}
	var outcomes []Outcome
	var before error // why the next phase must not begin
	for i, phase := range phases(l.Shards) {
		if before == nil && ctx.Err() != nil {
			before = errors.New("the run was interrupted before")
		}
		if before != nil {
			outcomes = append(outcomes, lost(phase, before)...)
			continue
		}
		some, err := l.runPhase(ctx, phase)
		if err != nil && i == 0 {
			return nil, err
		}
		if err != nil {
			some = lost(phase, err)
		}
		outcomes = append(outcomes, some...)
		before = l.endPhase(ctx, phase)
		if before == nil && !slices.ContainsFunc(some, func(outcome Outcome) bool { return outcome.began }) {
			before = errors.New("no pod of the other shards could run either")
		}
	}
	return outcomes, nil
}

// lost are the outcomes of a phase that was not run.
func lost(phase phase, why error) []Outcome {
	var outcomes []Outcome
	for _, shard := range phase.shards {
		outcomes = append(outcomes, Outcome{Shard: shard, Lost: fmt.Errorf("its pod was not started: %w", why)})
	}
	return outcomes
}

// runPhase starts a Job and attends to its pods until all have ended.
func (l *Launch) runPhase(ctx context.Context, phase phase) ([]Outcome, error) {
	jobs := l.Client.Core.BatchV1().Jobs(l.Namespace)
	made, err := jobs.Create(ctx, l.job(phase), metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("start the shards as Job %s in namespace %s: %w; the account of the kubeconfig must be allowed to make Jobs there", phase.job, l.Namespace, err)
	}
	if made.Spec.BackoffLimitPerIndex == nil {
		return nil, errors.New("this Kubernetes does not know backoffLimitPerIndex of Jobs, without which a shard that failed would be run twice: use Kubernetes 1.29 or newer, or make e2e CLUSTER=existing")
	}
	attending, end := l.attending(ctx, made)
	defer end()
	outcomes := make([]Outcome, len(phase.shards))
	var all sync.WaitGroup
	for i, shard := range phase.shards {
		all.Go(func() { outcomes[i] = l.attend(attending, ctx, phase, i, shard) })
	}
	all.Wait()
	return outcomes, nil
}

// attending is the context in which results are still fetched when ctx has ended: then
// the Job is removed, which tells its pods to end.
func (l *Launch) attending(ctx context.Context, job *batchv1.Job) (context.Context, context.CancelFunc) {
	attending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		select {
		case <-attending.Done():
			return
		case <-l.Kill:
			cancel()
			return
		case <-ctx.Done():
		}
		last, stop := context.WithTimeout(attending, timeouts.ShardEnded.Limit)
		defer stop()
		_ = l.remove(last, job.Name) // what cannot be removed does not end in time
		select {
		case <-last.Done():
		case <-l.Kill:
		}
		cancel()
	}()
	return attending, cancel
}

// remove removes a Job; its pods are told to end.
func (l *Launch) remove(ctx context.Context, job string) error {
	background := metav1.DeletePropagationBackground
	return l.Client.Core.BatchV1().Jobs(l.Namespace).Delete(ctx, job, metav1.DeleteOptions{PropagationPolicy: &background})
}

// say calls what the caller has given, one at a time.
func (l *Launch) say(what func()) {
	l.saying.Lock()
	defer l.saying.Unlock()
	what()
}
