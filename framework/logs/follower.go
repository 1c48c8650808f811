// Package logs keeps what containers write for as long as a run lasts, also of
// those that crash and of pods that are replaced meanwhile: a cluster itself
// forgets it with them. It knows pods and files, and nothing of who writes what.
package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// Source selects pods by label within a namespace.
type Source struct{ Namespace, Label string }

// open begins to read a log.
type open func(ctx context.Context, namespace, pod string, options *corev1.PodLogOptions) (io.ReadCloser, error)

// Follower writes the logs of all containers of some pods into a folder.
type Follower struct {
	core    kubernetes.Interface
	sources []Source
	dir     string
	since   time.Time
	open    open

	ctx     context.Context
	cancel  context.CancelFunc
	keepers sync.WaitGroup

	mutex      sync.Mutex
	containers map[string]*container
	// pods are the pods as they were before they were asked to go.
	pods map[types.UID]corev1.Pod
}

// Follow writes what the containers of the sources write from now on to
// <dir>/<pod>/<container>.log, replacing the folder of an earlier run, until Stop
// is called. It returns when the pods that exist are known.
func Follow(ctx context.Context, core kubernetes.Interface, dir string, sources ...Source) (*Follower, error) {
	return follow(ctx, core, dir, func(ctx context.Context, namespace, pod string, options *corev1.PodLogOptions) (io.ReadCloser, error) {
		return core.CoreV1().Pods(namespace).GetLogs(pod, options).Stream(ctx)
	}, sources)
}

func follow(ctx context.Context, core kubernetes.Interface, dir string, open open, sources []Source) (*Follower, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("replace the logs of an earlier run: %w", err)
	}
	f := &Follower{core: core, sources: sources, dir: dir, since: time.Now(), open: open, containers: map[string]*container{}, pods: map[types.UID]corev1.Pod{}}
	f.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for _, source := range sources {
		if err := f.watch(ctx, source); err != nil {
			f.cancel()
			return nil, err
		}
	}
	return f, nil
}

// watch tells see and forget of every pod of the source.
func (f *Follower) watch(ctx context.Context, source Source) error {
	factory := informers.NewSharedInformerFactoryWithOptions(f.core, 0, informers.WithNamespace(source.Namespace),
		informers.WithTweakListOptions(func(options *metav1.ListOptions) { options.LabelSelector = source.Label }))
	handler, err := factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { f.see(object.(*corev1.Pod)) },
		UpdateFunc: func(_, object any) { f.see(object.(*corev1.Pod)) },
		DeleteFunc: f.forget,
	})
	if err != nil {
		return fmt.Errorf("watch the pods %s in %s: %w", source.Label, source.Namespace, err)
	}
	factory.Start(f.ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), handler.HasSynced) {
		return fmt.Errorf("watch the pods %s in %s: %w", source.Label, source.Namespace, context.Cause(ctx))
	}
	return nil
}

// Stop writes what is not written yet and ends. The error names the logs that may
// lack something.
func (f *Follower) Stop(ctx context.Context) error {
	failures := []error{f.look(ctx)}
	f.mutex.Lock()
	f.cancel() // from here on see begins nothing
	f.mutex.Unlock()
	f.keepers.Wait()
	for _, c := range f.containers {
		if now := c.now(); !now.gone {
			f.copyRuns(ctx, c, now, false)
		}
		failures = append(failures, c.close())
	}
	return errors.Join(failures...)
}
