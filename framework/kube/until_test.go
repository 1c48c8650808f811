package kube

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"

	"github.com/muster-csi/muster/framework/timeouts"
)

// podLists tells the fake what a list of pods is called.
var podLists = map[schema.GroupVersionResource]string{Pods: "PodList"}

// podNamed is an unstructured pod in the given phase.
func podNamed(name, phase string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"namespace": "ns", "name": name},
		"status":   map[string]any{"phase": phase},
	}}
}

func running(pod *corev1.Pod) (bool, string, error) {
	if pod == nil {
		return false, "it does not exist", nil
	}
	return pod.Status.Phase == corev1.PodRunning, "phase " + string(pod.Status.Phase), nil
}

func TestUntilFollowsAnObjectThatAppearsAndChanges(t *testing.T) {
	client := fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), podLists)
	c := &Client{Dynamic: client}
	ref := Ref{Resource: Pods, Namespace: "ns", Name: "a"}
	asked := make(chan string, 16)
	done := make(chan error, 1)
	go func() {
		_, err := Until(context.Background(), c, ref, timeouts.Budget{Name: "Test", Limit: time.Minute}, "run",
			func(pod *corev1.Pod) (bool, string, error) {
				held, seen, err := running(pod)
				asked <- seen
				return held, seen, err
			})
		done <- err
	}()
	pods := client.Resource(Pods).Namespace("ns")
	if seen := <-asked; seen != "it does not exist" {
		t.Errorf("first saw %q", seen)
	}
	if _, err := pods.Create(context.Background(), podNamed("a", "Pending"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if seen := <-asked; seen != "phase Pending" {
		t.Errorf("then saw %q", seen)
	}
	if _, err := pods.Update(context.Background(), podNamed("a", "Running"), metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAWaitInVainTellsWhatWasSeen(t *testing.T) {
	c := &Client{Dynamic: fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), podLists, podNamed("a", "Pending"))}
	ref := Ref{Resource: Pods, Namespace: "ns", Name: "a"}
	_, err := Until(context.Background(), c, ref, timeouts.Budget{Name: "Short", Limit: 300 * time.Millisecond}, "run", running)
	for _, want := range []string{"300ms", "timeouts.Short", "pods ns/a", "to run", "phase Pending"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Until = %v, want it to contain %q", err, want)
		}
	}
}

func TestTheConditionsErrorEndsTheWait(t *testing.T) {
	c := &Client{Dynamic: fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), podLists, podNamed("a", "Failed"))}
	ref := Ref{Resource: Pods, Namespace: "ns", Name: "a"}
	hopeless := errors.New("it can never run")
	_, err := Until(context.Background(), c, ref, timeouts.Budget{Name: "Test", Limit: time.Minute}, "run",
		func(*corev1.Pod) (bool, string, error) { return false, "failed", hopeless })
	if !errors.Is(err, hopeless) {
		t.Errorf("Until = %v, want the condition's error", err)
	}
}

func TestAWaitInVainEndsWithItsCause(t *testing.T) {
	c := &Client{Dynamic: fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), podLists, podNamed("a", "Pending"))}
	budget := timeouts.Budget{Name: "Short", Limit: 300 * time.Millisecond}
	c.Explain = func(_ context.Context, ref Ref, b timeouts.Budget) string { return ref.Name + " waits for " + b.Name }
	ref := Ref{Resource: Pods, Namespace: "ns", Name: "a"}
	_, err := Until(context.Background(), c, ref, budget, "run", running)
	err = Further(err, "recent events: none")
	if err == nil || !strings.HasSuffix(err.Error(), "phase Pending; recent events: none; because: a waits for Short") {
		t.Errorf("Until = %v, want the cause at its end", err)
	}
	hopeless := errors.New("it can never run")
	_, err = Until(context.Background(), c, ref, budget, "run", func(*corev1.Pod) (bool, string, error) { return false, "", hopeless })
	if err = Further(err, "recent events: none"); !errors.Is(err, hopeless) || strings.Contains(err.Error(), "because") || !strings.HasSuffix(err.Error(), "; recent events: none") {
		t.Errorf("Until = %v, want that only a wait in vain is explained", err)
	}
}
