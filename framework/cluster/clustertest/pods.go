package clustertest

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
)

func (s *suite) client(t *testing.T, name string) kubernetes.Interface {
	t.Helper()
	client, err := cluster.Connect(s.New(name).GetKubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (s *suite) pods(t *testing.T) {
	client := s.client(t, s.one)
	output := runInPod(t, client, "resolves", s.workload().Ref, "resolve", "kubernetes.default.svc.cluster.local")
	service, err := client.CoreV1().Services("default").Get(t.Context(), "kubernetes", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(output, service.Spec.ClusterIP) {
		t.Errorf("a pod resolves the API server's Service to %q, want %s", output, service.Spec.ClusterIP)
	}
}

// load gives an image a name that no cluster knows and runs it.
func (s *suite) load(t *testing.T) {
	image, err := tarball.ImageFromPath(s.workload().Tar, nil)
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag("muster.local/loaded-later:" + s.one)
	if err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(t.TempDir(), "image.tar")
	if err := tarball.WriteToFile(archive, tag, image); err != nil {
		t.Fatal(err)
	}
	provider := s.New(s.one)
	if _, err := provider.Create(t.Context()); err != nil { // which uses the one that runs
		t.Fatal(err)
	}
	if err := provider.LoadImageArchive(t.Context(), archive); err != nil {
		t.Fatal(err)
	}
	runInPod(t, s.client(t, s.one), "loaded", tag.String(), "resolve", "kubernetes.default.svc.cluster.local")
}

// workload is the image whose program looks at things from inside a pod.
func (s *suite) workload() components.Image {
	for _, image := range s.Set.Images() {
		if strings.Contains(image.Ref, "/muster-workload:") {
			return image
		}
	}
	return components.Image{}
}

// runInPod runs a command of an image that is there already, to its end, and
// returns what it printed.
func runInPod(t *testing.T, client kubernetes.Interface, podName, image string, args ...string) string {
	t.Helper()
	ctx := t.Context()
	pods := client.CoreV1().Pods("default")
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: podName},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever,
			Containers:    []corev1.Container{{Name: "c", Image: image, ImagePullPolicy: corev1.PullNever, Args: args}},
		},
	}
	if _, err := pods.Create(ctx, pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var phase corev1.PodPhase
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		p, err := pods.Get(ctx, pod.Name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		phase = p.Status.Phase
		return phase == corev1.PodSucceeded || phase == corev1.PodFailed, nil
	})
	log, logErr := pods.GetLogs(pod.Name, &corev1.PodLogOptions{}).DoRaw(ctx)
	if err != nil || phase != corev1.PodSucceeded || logErr != nil {
		t.Fatalf("pod %s is %s: %v, %v: %s", podName, phase, err, logErr, log)
	}
	return string(log)
}

// mark leaves something in a cluster.
func mark(t *testing.T, client kubernetes.Interface, name string) {
	t.Helper()
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := client.CoreV1().ConfigMaps("default").Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// marked reports whether mark has left something of that name in the cluster.
func marked(t *testing.T, client kubernetes.Interface, name string) bool {
	t.Helper()
	_, err := client.CoreV1().ConfigMaps("default").Get(t.Context(), name, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	return err == nil
}

// contains reports whether a file below dir has that in its name and is not empty.
func contains(t *testing.T, dir, part string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		found = found || err == nil && info.Size() > 0 && strings.Contains(entry.Name(), part)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// AwaitNothing waits until there is no trace left, and fails with those that are.
func AwaitNothing(t *testing.T, traces func() []string) {
	t.Helper()
	var left []string
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, nothingWithin, true, func(context.Context) (bool, error) {
		left = traces()
		return len(left) == 0, nil
	})
	if err != nil {
		t.Errorf("left on this machine: %v", left)
	}
}
