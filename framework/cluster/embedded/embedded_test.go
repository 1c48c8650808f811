//go:build linux

package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded"
	"github.com/muster-csi/muster/framework/components"
)

// clusterTests is the environment variable that allows tests to bring up
// clusters: they need root, the built components and a minute.
const clusterTests = "MUSTER_CLUSTER_TESTS"

// TestEmbedded brings up a cluster, uses it as the e2e-framework would, kills
// its first process and looks for anything that is left on the host.
func TestEmbedded(t *testing.T) {
	if os.Getenv(clusterTests) == "" {
		t.Skipf("brings up a cluster; set %s=1 and run as root", clusterTests)
	}
	if os.Geteuid() != 0 {
		t.Skip("a cluster needs root")
	}
	ctx := t.Context()
	set, err := components.Ensure(ctx, components.Options{Only: append(embedded.ComponentNames(), "muster-workload"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t%d", os.Getpid()) // short: the link is then named after it
	cfg := embedded.Config{Name: name, Set: set, Progress: os.Stderr}
	provider := embedded.NewProvider(cfg)
	t.Cleanup(func() {
		if err := provider.Destroy(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})
	if _, err := provider.Create(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.Up(ctx, cfg); !errors.Is(err, embedded.ErrRunning) {
		t.Errorf("a second up of the same name: %v", err)
	}
	client, err := kubernetes.NewForConfig(provider.KubernetesRestConfig())
	if err != nil {
		t.Fatal(err)
	}
	output := runInPod(ctx, t, client, workloadImage(set), "resolve", "kubernetes.default.svc.cluster.local")
	service, err := client.CoreV1().Services("default").Get(ctx, "kubernetes", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(output, service.Spec.ClusterIP) {
		t.Errorf("a pod resolves the API server's Service to %q, want %s", output, service.Spec.ClusterIP)
	}

	status, err := embedded.Status(ctx, name)
	if err != nil || status.Phase != cluster.Running || !status.Ready {
		t.Fatalf("status %+v, %v", status, err)
	}
	device := attachLoop(t, filepath.Join(status.StateDir, "var-lib", "volume.img"))
	kill(t, status.PID)
	awaitNothing(ctx, t, name, device)
	if status, err := embedded.Status(ctx, name); err != nil || status.Phase != cluster.Dead {
		t.Errorf("after the kill: %+v, %v", status, err)
	}
	if err := provider.Destroy(ctx); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(status.StateDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the state directory is left: %v", err)
	}
}

func workloadImage(set *components.Set) string {
	for _, image := range set.Images() {
		if strings.Contains(image.Ref, "/muster-workload:") {
			return image.Ref
		}
	}
	return ""
}

// runInPod runs the workload to its end and returns what it printed.
func runInPod(ctx context.Context, t *testing.T, client kubernetes.Interface, image string, args ...string) string {
	t.Helper()
	pods := client.CoreV1().Pods("default")
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "workload"},
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
		t.Fatalf("the pod is %s: %v, %v: %s", phase, err, logErr, log)
	}
	return string(log)
}

// attachLoop attaches a file in the cluster's state the way a kubelet does:
// the kernel would not detach it by itself.
func attachLoop(t *testing.T, file string) string {
	t.Helper()
	if err := os.WriteFile(file, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("losetup", "--find", "--show", file).CombinedOutput()
	if err != nil {
		t.Fatalf("attach %s: %v: %s", file, err, out)
	}
	return strings.TrimSpace(string(out))
}

func kill(t *testing.T, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		t.Fatalf("kill the first process: %v", err)
	}
}

// awaitNothing waits until no trace of the cluster is on the host but its
// state directory, and fails with what is left.
func awaitNothing(ctx context.Context, t *testing.T, name, device string) {
	t.Helper()
	var left []string
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		left = traces(name, device)
		return len(left) == 0, nil
	})
	if err != nil {
		t.Errorf("left after the first process was killed: %v", left)
	}
}

func traces(name, device string) []string {
	var left []string
	for _, pattern := range []string{"/sys/fs/cgroup/muster-" + name, "/sys/fs/cgroup/*/muster-" + name, "/sys/class/net/muster-" + name} {
		found, _ := filepath.Glob(pattern)
		left = append(left, found...)
	}
	if backing, err := os.ReadFile("/sys/block/" + filepath.Base(device) + "/loop/backing_file"); err == nil {
		left = append(left, device+" on "+strings.TrimSpace(string(backing)))
	}
	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err == nil && strings.Contains(string(mounts), "/"+name+"/") {
		left = append(left, "a mount")
	}
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range commands {
		command, err := os.ReadFile(file)
		if text := strings.ReplaceAll(string(command), "\x00", " "); err == nil && strings.Contains(text, name) {
			left = append(left, strings.TrimSpace(text))
		}
	}
	return left
}
