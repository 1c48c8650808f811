//go:build linux

package embedded_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/e2e-framework/support"

	"github.com/muster-csi/muster/framework/cluster/clustertest"
	"github.com/muster-csi/muster/framework/cluster/embedded"
	"github.com/muster-csi/muster/framework/components"
)

// TestEmbedded checks what every way to a cluster must be able to do, and that of
// an embedded cluster nothing is left on the host as soon as its first process dies.
func TestEmbedded(t *testing.T) {
	clustertest.Skip(t)
	set, err := components.Ensure(t.Context(), components.Options{Only: append(embedded.ComponentNames(), "muster-workload"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	clustertest.Run(t, clustertest.Way{
		Clusters: embedded.Clusters{}, Set: set,
		New: func(name string) support.E2EClusterProviderWithImageLoader {
			return embedded.NewProvider(embedded.Config{Name: name, Set: set, Progress: os.Stderr}).(support.E2EClusterProviderWithImageLoader)
		},
		Crash: func(t *testing.T, name string) {
			status, err := embedded.Status(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			device := attachLoop(t, filepath.Join(status.StateDir, "var-lib", "volume.img"))
			kill(t, status.PID)
			clustertest.AwaitNothing(t, func() []string { return append(traces(t, name), backed(device)...) })
		},
		Traces: traces,
	})
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

// backed names a loop device that is attached.
func backed(device string) []string {
	backing, err := os.ReadFile("/sys/block/" + filepath.Base(device) + "/loop/backing_file")
	if err != nil {
		return nil
	}
	return []string{device + " on " + strings.TrimSpace(string(backing))}
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

// traces lists the cluster's cgroups, link, mounts and processes.
func traces(t *testing.T, name string) []string {
	t.Helper()
	var left []string
	for _, pattern := range []string{"/sys/fs/cgroup/muster-" + name, "/sys/fs/cgroup/*/muster-" + name, "/sys/class/net/muster-" + name} {
		found, _ := filepath.Glob(pattern)
		left = append(left, found...)
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
