package shards

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/muster-csi/muster/framework/timeouts"
)

// errGone is what untilPod passes on when the pod has been removed.
var errGone = errors.New("it has been deleted")

// untilPod watches the pod of a shard until condition holds and returns it as it was
// then; beside an error as it was last, nil when it was never there.
func (l *Launch) untilPod(ctx context.Context, job string, index int, condition func(*corev1.Pod) (bool, error)) (*corev1.Pod, error) {
	var last *corev1.Pod
	step := func(event watch.Event) (bool, error) {
		pod, ok := event.Object.(*corev1.Pod)
		if !ok {
			return false, fmt.Errorf("the watch of the pods delivered a %T", event.Object)
		}
		last = pod
		if event.Type == watch.Deleted {
			return false, errGone
		}
		return condition(pod)
	}
	// One that was there, and is not any more when the watch begins anew.
	missing := func(store cache.Store) (bool, error) {
		if last != nil && len(store.List()) == 0 {
			return false, errGone
		}
		return false, nil
	}
	_, err := watchtools.UntilWithSync(ctx, l.podsOf(job, labels.Set{batchv1.JobCompletionIndexAnnotation: strconv.Itoa(index)}), &corev1.Pod{}, missing, step)
	return last, err
}

// podsOf lists and watches the pods of a Job that also have the labels.
func (l *Launch) podsOf(job string, also labels.Set) cache.ListerWatcher {
	selector := labels.SelectorFromSet(labels.Merge(labels.Set{batchv1.JobNameLabel: job}, also)).String()
	pods := l.Client.Core.CoreV1().Pods(l.Namespace)
	return cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.LabelSelector = selector
			return pods.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.LabelSelector = selector
			return pods.Watch(ctx, options)
		},
	}, l.Client.Core)
}

// endPhase removes the Job and returns when no pod of it runs any more. An error says
// that one may still do: then nothing may begin that must be alone.
func (l *Launch) endPhase(ctx context.Context, phase phase) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeouts.ShardEnded.Limit)
	defer cancel()
	go func() {
		select {
		case <-l.Kill:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := l.remove(ctx, phase.job); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("end Job %s: %w", phase.job, err)
	}
	there := map[string]*corev1.Pod{}
	none := func() bool { return len(there) == 0 }
	synced := false
	_, err := watchtools.UntilWithSync(ctx, l.podsOf(phase.job, nil), &corev1.Pod{}, func(store cache.Store) (bool, error) {
		for _, object := range store.List() {
			if pod, ok := object.(*corev1.Pod); ok && !atEnd(pod) {
				there[pod.Name] = pod
			}
		}
		synced = true
		return none(), nil
	}, func(event watch.Event) (bool, error) {
		pod, ok := event.Object.(*corev1.Pod)
		switch {
		case !ok:
			return false, fmt.Errorf("the watch of the pods delivered a %T", event.Object)
		case event.Type == watch.Deleted || atEnd(pod):
			delete(there, pod.Name)
		default:
			there[pod.Name] = pod
		}
		return synced && none(), nil
	})
	if err == nil {
		return nil
	}
	for _, pod := range there {
		return fmt.Errorf("pod %s on node %s was told to end and has not within %s (timeouts.%s), so its specs may still run: look at that node", pod.Name, pod.Spec.NodeName, timeouts.ShardEnded.Limit, timeouts.ShardEnded.Name)
	}
	return fmt.Errorf("look whether the pods of Job %s have ended: %w", phase.job, err)
}

// ended reports whether the pod's program has come to its end for good.
func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// atEnd reports whether the pod's program does not run and will not: one that is deleted
// before it has begun never does, however long its image takes to be pulled.
func atEnd(pod *corev1.Pod) bool {
	return ended(pod) || pod.DeletionTimestamp != nil && !running(pod)
}

// overdue is when a pod that is being deleted counts as gone although nobody says so:
// its node does not answer.
func overdue(pod *corev1.Pod) (time.Time, bool) {
	if pod.DeletionTimestamp == nil {
		return time.Time{}, false
	}
	return pod.DeletionTimestamp.Add(timeouts.ResultFetchedAtLast.Limit), true
}
