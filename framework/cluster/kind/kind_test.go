package kind_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/e2e-framework/support"

	"github.com/muster-csi/muster/framework/cluster/clustertest"
	"github.com/muster-csi/muster/framework/cluster/kind"
	"github.com/muster-csi/muster/framework/components"
)

// TestKind checks what every way to a cluster must be able to do, with the node
// image that is built here.
func TestKind(t *testing.T) {
	clustertest.Skip(t)
	clusters := kind.Clusters{NodeImage: kind.LocalImage}
	if err := clusters.Check(t.Context(), "none", false); errors.Is(err, kind.ErrNoEngine) {
		t.Skip(err)
	}
	bare, _ := clusters.Needs()
	set, err := components.Ensure(t.Context(), components.Options{Only: bare, Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	loopsBefore := loops(t)
	clustertest.Run(t, clustertest.Way{
		Clusters: clusters, Set: set,
		New: func(name string) support.E2EClusterProviderWithImageLoader {
			return kind.NewProvider(kind.Config{Name: name, NodeImage: kind.LocalImage, Set: set, Progress: os.Stderr}).(support.E2EClusterProviderWithImageLoader)
		},
		Crash: func(t *testing.T, name string) {
			node := name + "-control-plane"
			// As a kubelet does; it outlives the node.
			docker(t, "exec", node, "sh", "-c", "truncate -s 1M /var/volume.img && losetup --find --show /var/volume.img")
			docker(t, "kill", node)
		},
		Traces: func(t *testing.T, name string) []string {
			left := strings.Fields(docker(t, "ps", "--all", "--quiet", "--filter=name="+name))
			left = append(left, strings.Fields(docker(t, "volume", "ls", "--quiet", "--filter=dangling=true"))...)
			for device := range loops(t) {
				if !loopsBefore[device] {
					left = append(left, device)
				}
			}
			return left
		},
	})
}

// docker runs the client at the engine that the check has chosen.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// loops are the attached loop devices of this machine with their files.
func loops(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	paths, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if file, err := os.ReadFile(path); err == nil && strings.Contains(string(file), "/volume.img") {
			found[path+" "+strings.TrimSpace(string(file))] = true
		}
	}
	return found
}
