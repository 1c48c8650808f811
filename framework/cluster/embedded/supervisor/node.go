//go:build linux

package supervisor

import (
	"context"
	"os"
	"path/filepath"
)

func (s *Supervisor) startContainerd(ctx context.Context) error {
	if err := os.MkdirAll(cniConfDir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(cniConfDir, "10-muster.conflist"), []byte(cniConfig(s.spec)), 0o644); err != nil {
		return err
	}
	config, err := writeConfig("containerd.toml", containerdConfig(s.spec))
	if err != nil {
		return err
	}
	return s.launch(ctx, component{
		name:  StepContainerd,
		argv:  []string{s.spec.Binaries["containerd"], "--config", config, "--log-level", "info"},
		ready: listening("unix", containerSock),
	})
}

func (s *Supervisor) startKubelet(ctx context.Context) error {
	config, err := writeConfig("kubelet.yaml", kubeletConfig(s.spec))
	if err != nil {
		return err
	}
	return s.launch(ctx, component{
		name: StepKubelet,
		argv: []string{
			s.spec.Binaries["kubelet"],
			"--config=" + config,
			"--kubeconfig=" + filepath.Join(etcDir, "kubelet.conf"),
			"--root-dir=/var/lib/kubelet",
			"--hostname-override=" + s.spec.NodeName,
			"--node-ip=" + nodeIP(s.spec),
			s.verbosity(),
		},
		ready: healthy("http://127.0.0.1:10248/healthz"),
	})
}

// startProxy uses the full-rights kubeconfig: kube-proxy runs beside the API
// server here and guards nothing that it could not reach anyway.
func (s *Supervisor) startProxy(ctx context.Context) error {
	config, err := writeConfig("kube-proxy.yaml", proxyConfig(s.spec, adminConfig))
	if err != nil {
		return err
	}
	return s.launch(ctx, component{
		name:  StepProxy,
		argv:  []string{s.spec.Binaries["kube-proxy"], "--config=" + config, s.verbosity()},
		ready: listening("tcp", "127.0.0.1:10256"),
	})
}
