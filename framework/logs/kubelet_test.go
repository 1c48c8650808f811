package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
)

// kubelet has the logs of one container of each pod, and the API server that tells of them.
type kubelet struct {
	t     *testing.T
	api   *fake.Clientset
	mutex sync.Mutex
	news  *sync.Cond
	// runs are the logs of each run of a pod's container, the last of which lives or not.
	runs  map[string][][]string
	ended map[string]bool
	gone  map[string]bool
	// words is set when the logs go before their pod does.
	words bool
	// reading is how many streams of a pod are open.
	reading map[string]int
	// breaks is how many streams still break off after their first line.
	breaks int
	clock  time.Time
}

func newKubelet(t *testing.T) *kubelet {
	k := &kubelet{t: t, api: fake.NewClientset(), runs: map[string][][]string{}, ended: map[string]bool{}, gone: map[string]bool{}, reading: map[string]int{}, clock: time.Now().Add(time.Hour)}
	k.news = sync.NewCond(&k.mutex)
	return k
}

// start begins a run of the pod's container.
func (k *kubelet) start(pod string) {
	k.change(func() { k.runs[pod], k.ended[pod] = append(k.runs[pod], nil), false })
	k.publish(pod)
}

// crash ends it.
func (k *kubelet) crash(pod string) {
	k.change(func() { k.ended[pod] = true })
	k.publish(pod)
}

// remove ends it and, when its log has been read, removes the pod with all its logs.
func (k *kubelet) remove(pod string) {
	k.change(func() { k.ended[pod] = true })
	k.change(func() {
		for k.reading[pod] > 0 {
			k.news.Wait()
		}
		k.gone[pod] = true
	})
	k.publish(pod)
	if err := k.api.CoreV1().Pods("ns").Delete(k.t.Context(), pod, metav1.DeleteOptions{}); err != nil {
		k.t.Fatal(err)
	}
}

// say writes lines.
func (k *kubelet) say(pod string, lines ...string) {
	k.change(func() {
		last := len(k.runs[pod]) - 1
		for _, line := range lines {
			k.clock = k.clock.Add(time.Millisecond)
			k.runs[pod][last] = append(k.runs[pod][last], k.clock.UTC().Format(time.RFC3339Nano)+" "+line+"\n")
		}
	})
}

func (k *kubelet) change(do func()) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	do()
	k.news.Broadcast()
}

// publish tells the API server how the pod is.
func (k *kubelet) publish(name string) {
	k.mutex.Lock()
	status := corev1.ContainerStatus{Name: "driver", ContainerID: "x", RestartCount: int32(len(k.runs[name]) - 1)}
	if k.ended[name] {
		status.State.Terminated = &corev1.ContainerStateTerminated{}
	} else {
		status.State.Running = &corev1.ContainerStateRunning{}
	}
	k.mutex.Unlock()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name, UID: types.UID(name), Labels: map[string]string{"app": "driver"}},
		Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{status}}}
	pods := k.api.CoreV1().Pods("ns")
	_, err := pods.Update(k.t.Context(), pod, metav1.UpdateOptions{})
	if err != nil {
		_, err = pods.Create(k.t.Context(), pod, metav1.CreateOptions{})
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

// open is a log as the API server streams it: all of it, because SinceTime knows whole seconds only.
func (k *kubelet) open(ctx context.Context, _, pod string, options *corev1.PodLogOptions) (io.ReadCloser, error) {
	if options.Container != "driver" || !options.Timestamps || options.SinceTime == nil {
		return nil, fmt.Errorf("asked with %+v", options)
	}
	k.mutex.Lock()
	run, gone := len(k.runs[pod])-1, k.gone[pod]
	k.reading[pod]++
	k.mutex.Unlock()
	if gone && k.words {
		return io.NopCloser(strings.NewReader("unable to retrieve container logs for containerd://x")), nil
	}
	if gone {
		return nil, apierrors.NewNotFound(corev1.Resource("pods"), pod)
	}
	if options.Previous {
		run--
	}
	reader, writer := io.Pipe()
	stop := context.AfterFunc(ctx, func() { k.change(func() {}) })
	go func() {
		defer stop()
		_ = writer.CloseWithError(k.stream(ctx, writer, pod, run, options.Follow))
		k.change(func() { k.reading[pod]-- })
	}()
	return reader, nil
}

// stream writes the lines of a run, and follows it to its end.
func (k *kubelet) stream(ctx context.Context, to io.Writer, pod string, run int, follow bool) error {
	for next := 0; ; next++ {
		k.mutex.Lock()
		for follow && ctx.Err() == nil && next == len(k.runs[pod][run]) && run == len(k.runs[pod])-1 && !k.ended[pod] {
			k.news.Wait()
		}
		lines := k.runs[pod][run]
		broken := next == 1 && k.breaks > 0
		if broken {
			k.breaks--
		}
		k.mutex.Unlock()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case next >= len(lines):
			return io.EOF
		case broken:
			_, _ = io.WriteString(to, lines[next][:len(lines[next])/2])
			return errors.New("connection reset")
		}
		if _, err := io.WriteString(to, lines[next]); err != nil {
			return err
		}
	}
}
