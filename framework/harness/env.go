package harness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/timeouts"
)

// specLabel marks cluster-wide objects with the namespace of the spec that made them.
const specLabel = "muster.dev/spec"

// Env is the world of one spec: a namespace of its own, and what must be undone when the spec ends.
type Env struct {
	*Cluster
	// Namespace is the spec's own namespace.
	Namespace string
	// Spec is the full text of the spec.
	Spec string
	// Began is when the spec began, in the clock of this machine.
	Began time.Time

	// ended is set when a cleanup has run to its end, well or not.
	ended bool
	// evidence is the folder with what explains a failure, once there is one.
	evidence string

	// chosen is the Longhorn version that the spec itself makes the driver follow, "" for that of the run.
	chosen string

	mutex    sync.Mutex
	undo     []func(context.Context) error
	undoLast []func(context.Context) error
	prefixes []string                      // paths of the bucket that the auditor looks at
	gone     []string                      // volumes that the spec has deleted
	before   []func(context.Context) error // to be done before the auditor looks
}

// connected is this process's connection, set once before the first spec runs.
var connected *Cluster

// Use makes the connection the one that every Begin of this process uses. Call it once.
func Use(cluster *Cluster) {
	connected = cluster
	if scale := cluster.Config.TimeoutScale; scale > 0 {
		timeouts.Scale(scale)
	}
}

// Connected returns the connection that Use was given, nil before that.
func Connected() *Cluster { return connected }

// Begin makes the namespace of the spec that calls it, unless its labels say that
// it is about other releases than the run asks for: then it is skipped. When the spec ends, in whatever
// way, evidence of a failure is written, everything the spec made is removed, and what is left over fails the spec.
func Begin(ctx context.Context) *Env {
	ginkgo.GinkgoHelper()
	if connected == nil {
		ginkgo.Fail("no cluster is connected: the specs run only in the suite's own binary")
	}
	report := ginkgo.CurrentSpecReport()
	connected.skipOutOfScope(report.Labels())
	connected.keepSettings()
	env := &Env{Cluster: connected, Spec: report.FullText(), Namespace: namespaceName(report.LeafNodeText, connected.Config.Run), Began: time.Now()}
	namespace := env.ownNamespace("")
	// Ctrl-C during a cleanup cancels that cleanup and no other: the second, which runs after the first, finishes it.
	ginkgo.DeferCleanup(env.endInterrupted, ginkgo.NodeTimeout(timeouts.Cleanup))
	ginkgo.DeferCleanup(env.end, ginkgo.NodeTimeout(timeouts.Cleanup))
	if err := env.Client.Create(ctx, namespace); err != nil {
		ginkgo.Fail(fmt.Sprintf("create the spec's namespace %s: %v", env.Namespace, err))
	}
	ginkgo.AddReportEntry("namespace", env.Namespace, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	return env
}

// Under is the same spec with the rights of another account. What is made that way the spec itself cleans up.
func (e *Env) Under(kubeconfig string) (*Env, error) {
	config := e.Config
	config.Kubeconfig = kubeconfig
	cluster, err := Connect(config)
	if err != nil {
		return nil, err
	}
	return &Env{Cluster: cluster, Namespace: e.Namespace, Spec: e.Spec, Began: e.Began}, nil
}

// ownNamespace is a namespace of the spec: its own with an empty suffix, or one for a helper.
func (e *Env) ownNamespace(suffix string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: e.Namespace + suffix, Labels: map[string]string{
		specLabel: e.Namespace,
		// A server for NFS needs more than some clusters allow pods by default.
		"pod-security.kubernetes.io/enforce": "privileged",
	}}}
}

// Must returns the value of a step that the spec cannot go on without; an error fails the spec.
func Must[T any](value T, err error) T {
	ginkgo.GinkgoHelper()
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	return value
}

// OnCleanup registers what must be undone after the spec: last registered first, after
// evidence has been written and before the namespace is removed.
func (e *Env) OnCleanup(undo func(context.Context) error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.undo = append(e.undo, undo)
}

// OnRemoved registers what must be undone when everything else of the spec is gone, last registered first.
func (e *Env) OnRemoved(undo func(context.Context) error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.undoLast = append(e.undoLast, undo)
}

// end writes evidence if the spec failed, cleans up and checks for leftovers.
func (e *Env) end(ctx ginkgo.SpecContext) {
	if report := ginkgo.CurrentSpecReport(); report.Failed() {
		e.writeEvidence(ctx, failureText(report))
	}
	err := e.cleanUp(ctx)
	if ctx.Err() != nil {
		return
	}
	e.ended = true
	if err != nil {
		e.failAfter(ctx, fmt.Sprintf("after the spec: %v", err))
	}
}

// endInterrupted cleans up once more when an interrupt has cut the first cleanup off.
func (e *Env) endInterrupted(ctx ginkgo.SpecContext) {
	if e.ended {
		return
	}
	if err := e.cleanUp(ctx); err != nil {
		e.failAfter(ctx, fmt.Sprintf("after the interrupted spec: %v", err))
	}
}

// failAfter fails the spec for what its cleanup found; the evidence says so too.
func (e *Env) failAfter(ctx context.Context, why string) {
	e.writeEvidence(ctx, why)
	ginkgo.Fail(why)
}

// cleanUp removes everything, also when some of it fails, and returns all errors joined. The namespace goes
// last, since it tells muster clean what else there is, should this process be killed.
func (e *Env) cleanUp(ctx context.Context) error {
	e.mutex.Lock()
	before, undo, undoLast, gone := e.before, e.undo, e.undoLast, e.gone
	e.mutex.Unlock()
	made, err := leak.Of(ctx, e.plain, e.Namespace, gone...)
	failures := []error{err, e.remember(ctx, made.Volumes...), undoAll(ctx, before)}
	failures = append(failures, e.auditBackups(ctx, made, true), undoAll(ctx, undo), e.remove(ctx, made))
	if errors.Join(failures...) == nil { // else backups may still be there, and rightly in the bucket
		failures = append(failures, e.auditBackups(ctx, made, false))
	}
	failures = append(failures, e.removeImages(ctx, made), e.removeBackups(ctx, made), undoAll(ctx, undoLast))
	return errors.Join(append(failures, e.removeNamespace(ctx))...)
}

func undoAll(ctx context.Context, undo []func(context.Context) error) error {
	var failures []error
	for i := len(undo) - 1; i >= 0; i-- {
		failures = append(failures, undo[i](ctx))
	}
	return errors.Join(failures...)
}
