package logs

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// see tells the keeper of each container how the container is; a new one gets a keeper.
func (f *Follower) see(pod *corev1.Pod) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if pod.DeletionTimestamp == nil {
		f.pods[pod.UID] = *pod
	}
	for _, status := range pod.Status.ContainerStatuses {
		if status.ContainerID == "" || f.ctx.Err() != nil {
			continue // it has never run
		}
		key := string(pod.UID) + "/" + status.Name
		c, known := f.containers[key]
		if !known {
			c = newContainer(f.dir, pod, status.Name, f.since)
			f.containers[key] = c
		}
		c.tell(life{restarts: status.RestartCount, ended: status.State.Running == nil})
		if !known {
			f.keepers.Go(func() { f.keep(c) })
		}
	}
}

// forget tells the keepers of a pod's containers that it is gone.
func (f *Follower) forget(object any) {
	if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = unknown.Obj
	}
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, status := range pod.Status.ContainerStatuses {
		if c := f.containers[string(pod.UID)+"/"+status.Name]; c != nil {
			c.tell(life{restarts: status.RestartCount, ended: true, gone: true})
		}
	}
}

// Pods returns every pod that there has been, as it was before it was asked to go.
func (f *Follower) Pods() []corev1.Pod {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return slices.Collect(maps.Values(f.pods))
}

// look sees the pods as they are now: the watch may be behind.
func (f *Follower) look(ctx context.Context) error {
	for _, source := range f.sources {
		pods, err := f.core.CoreV1().Pods(source.Namespace).List(ctx, metav1.ListOptions{LabelSelector: source.Label})
		if err != nil {
			return fmt.Errorf("list the pods %s in %s: %w", source.Label, source.Namespace, err)
		}
		for i := range pods.Items {
			f.see(&pods.Items[i])
		}
	}
	return nil
}
