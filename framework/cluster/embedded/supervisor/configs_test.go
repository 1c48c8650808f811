package supervisor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	kubelet "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"
)

func exampleSpec() *Spec {
	return &Spec{
		Name: "x", NodeName: "muster-x", Cgroup: "muster-x-ab", NodeCIDR: "10.210.0.2/30", Gateway: "10.210.0.1",
		PodCIDR: "10.210.4.0/22", ServiceCIDR: "10.210.8.0/21", PauseImage: "muster.local/pause:v1", Version: "v1.36.3",
		Binaries: map[string]string{"bridge": "/a/bridge", "host-local": "/a/host-local", "loopback": "/b/loopback", "runc": "/c/runc"},
	}
}

func TestKubeletConfigIsStrictlyValid(t *testing.T) {
	var c kubelet.KubeletConfiguration
	if err := yaml.UnmarshalStrict([]byte(kubeletConfig(exampleSpec())), &c); err != nil {
		t.Fatal(err)
	}
	if c.CgroupRoot != "/muster-x-ab" {
		t.Errorf("pods run in cgroup %q, which no sweep looks at", c.CgroupRoot)
	}
	if len(c.ClusterDNS) != 1 || c.ClusterDNS[0] != "10.210.8.10" {
		t.Errorf("pods ask %v for names", c.ClusterDNS)
	}
	if c.EvictionHard == nil || len(c.EvictionHard) > 0 {
		t.Errorf("eviction is not off: %v", c.EvictionHard)
	}
	if c.FailCgroupV1 == nil || *c.FailCgroupV1 {
		t.Error("the kubelet refuses cgroup v1")
	}
}

func TestYAMLConfigsAreValid(t *testing.T) {
	for name, text := range map[string]string{
		"kubeadm": kubeadmConfig(exampleSpec()), "proxy": proxyConfig(exampleSpec(), "/k"), "scheduler": schedulerConfig("/k"),
	} {
		for doc := range strings.SplitSeq(text, "---\n") {
			var object map[string]any
			if err := yaml.UnmarshalStrict([]byte(doc), &object); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestCNIConfigUsesThePodRange(t *testing.T) {
	var c struct {
		Plugins []struct {
			IPAM struct {
				Ranges [][]struct{ Subnet string }
			}
		}
	}
	if err := json.Unmarshal([]byte(cniConfig(exampleSpec())), &c); err != nil {
		t.Fatal(err)
	}
	if got := c.Plugins[0].IPAM.Ranges[0][0].Subnet; got != "10.210.4.0/22" {
		t.Errorf("pods get addresses from %s", got)
	}
}

func TestContainerdFindsAllPlugins(t *testing.T) {
	if text := containerdConfig(exampleSpec()); !strings.Contains(text, `bin_dirs = ["/a", "/b"]`) {
		t.Errorf("the directories of the CNI plugins are not both listed:\n%s", text)
	}
}

func TestPathsBelowCoveredDirectoriesMove(t *testing.T) {
	for path, want := range map[string]string{
		"/var/lib/x/etcd":   hostMount + "/var-lib/x/etcd",
		"/run/user/0/x":     hostMount + "/run/user/0/x",
		"/var/library/etcd": "/var/library/etcd",
		"/root/.cache/etcd": "/root/.cache/etcd",
	} {
		if got, _ := inside(path); got != want {
			t.Errorf("%s is looked for at %s, want %s", path, got, want)
		}
	}
}

func TestLogTailIsTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if got := LogTail(path); got != "" {
		t.Errorf("no log gives %q", got)
	}
	lines := strings.Repeat("filler line\n", 5000) + "the cause\n"
	if err := os.WriteFile(path, []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	got := LogTail(path)
	if !strings.HasSuffix(got, "the cause") || strings.Count(got, "\n") > tailLines {
		t.Errorf("got %q", got)
	}
}
