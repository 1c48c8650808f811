package kind

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/components"
)

// settingsOf reads a configuration given as text.
func settingsOf(t *testing.T, text string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), configFile)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := readSettings(file)
	if err != nil {
		return "", err
	}
	return string(settings.Networking.KubeProxyMode), nil
}

const head = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"

func TestSettingsAreReadStrictly(t *testing.T) {
	if mode, err := settingsOf(t, head+"networking: {kubeProxyMode: ipvs}\n"); err != nil || mode != "ipvs" {
		t.Errorf("good settings: %q, %v", mode, err)
	}
	for what, text := range map[string]string{
		"field nettworking not found": head + "nettworking: {}\n",
		"not Cluster of":              "kind: Pod\napiVersion: v1\n",
	} {
		if _, err := settingsOf(t, text); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("want an error that says %q, got %v", what, err)
		}
	}
}

// TestOwnSettingsGetWhatTheHostNeeds adapts the repository's own configuration.
func TestOwnSettingsGetWhatTheHostNeeds(t *testing.T) {
	root, err := components.FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		on                     host
		own                    bool
		kubelet, runtime, noCN bool
	}{
		{on: host{}},
		{on: host{cgroupV1: true}, kubelet: true},
		{on: host{noResource: true}, runtime: true},
		{on: host{cgroupV1: true, noResource: true}, own: true, kubelet: true, runtime: true, noCN: true},
	} {
		settings, err := readSettings(filepath.Join(root, configFile))
		if err != nil {
			t.Fatal(err)
		}
		adapt(settings, c.on, c.own)
		if got := slices.Contains(settings.KubeadmConfigPatches, kubeletOnCgroupV1); got != c.kubelet {
			t.Errorf("%+v: the kubelet is told of cgroup v1: %t", c, got)
		}
		if got := slices.Contains(settings.ContainerdConfigPatches, runtimeOnCgroupV1); got != c.kubelet {
			t.Errorf("%+v: the runtime makes groups as the kubelet does: %t", c, got)
		}
		if got := slices.Contains(settings.ContainerdConfigPatches, restrictedOOM); got != c.runtime {
			t.Errorf("%+v: the runtime is restrained: %t", c, got)
		}
		if settings.Networking.DisableDefaultCNI != c.noCN {
			t.Errorf("%+v: kind's network is off: %t", c, settings.Networking.DisableDefaultCNI)
		}
		for _, node := range settings.Nodes {
			if len(node.ExtraMounts) != 1 || node.ExtraMounts[0].HostPath != "/dev" {
				t.Errorf("node %s has mounts %v, and not the host's devices", node.Role, node.ExtraMounts)
			}
		}
	}
}

func TestNoEngineNamesTheRemedy(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///no/such/socket")
	err := checkEngine(t.Context())
	if err == nil || !strings.Contains(err.Error(), "scripts/docker.sh start") {
		t.Errorf("without an engine: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := checkEngine(t.Context()); err == nil || !strings.Contains(err.Error(), "install Docker") {
		t.Errorf("without the command: %v", err)
	}
}
