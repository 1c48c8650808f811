//go:build linux

package supervisor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// makePKI lets kubeadm make the certificates and kubeconfigs.
func (s *Supervisor) makePKI(ctx context.Context) error {
	config, err := writeConfig("kubeadm.yaml", kubeadmConfig(s.spec))
	if err != nil {
		return err
	}
	kubeadm := s.spec.Binaries["kubeadm"]
	if err := s.reaper.run(ctx, StepPKI, []string{kubeadm, "init", "phase", "certs", "all", "--config", config}, s.env); err != nil {
		return err
	}
	argv := []string{kubeadm, "init", "phase", "kubeconfig", "all", "--config", config, "--kubeconfig-dir", etcDir}
	if err := s.reaper.run(ctx, StepPKI, argv, s.env); err != nil {
		return err
	}
	full, err := os.ReadFile(adminConfig)
	if err != nil {
		return fmt.Errorf("read kubeadm's admin kubeconfig: %w", err)
	}
	return os.WriteFile(filepath.Join(stateMount, "kubeconfig"), full, 0o600)
}

// adminConfig is the kubeconfig of group system:masters. It needs no role
// binding, so that it works from the first moment.
const adminConfig = etcDir + "/super-admin.conf"

func (s *Supervisor) startEtcd(ctx context.Context) error {
	return s.launch(ctx, component{
		name: StepEtcd,
		argv: []string{
			s.spec.Binaries["etcd"],
			"--name=" + s.spec.NodeName,
			"--data-dir=/var/lib/etcd",
			"--listen-client-urls=" + etcdURL, "--advertise-client-urls=" + etcdURL,
			"--listen-peer-urls=http://127.0.0.1:2380", "--initial-advertise-peer-urls=http://127.0.0.1:2380",
			"--initial-cluster=" + s.spec.NodeName + "=http://127.0.0.1:2380",
			// The data never outlives the machine, so it need not survive a power cut.
			"--unsafe-no-fsync",
			"--heartbeat-interval=100", "--election-timeout=500",
			"--log-level=warn",
		},
		ready: listening("tcp", "127.0.0.1:2379"),
	})
}

func (s *Supervisor) startAPIServer(ctx context.Context) error {
	pki := func(name string) string { return filepath.Join(pkiDir, name) }
	return s.launch(ctx, component{
		name: StepAPIServer,
		argv: []string{
			s.spec.Binaries["kube-apiserver"],
			"--advertise-address=" + nodeIP(s.spec),
			"--secure-port=6443",
			"--etcd-servers=" + etcdURL,
			"--service-cluster-ip-range=" + s.spec.ServiceCIDR,
			"--allow-privileged=true",
			"--authorization-mode=Node,RBAC",
			"--enable-admission-plugins=NodeRestriction",
			"--client-ca-file=" + pki("ca.crt"),
			"--tls-cert-file=" + pki("apiserver.crt"), "--tls-private-key-file=" + pki("apiserver.key"),
			"--kubelet-client-certificate=" + pki("apiserver-kubelet-client.crt"),
			"--kubelet-client-key=" + pki("apiserver-kubelet-client.key"),
			"--kubelet-preferred-address-types=InternalIP",
			"--requestheader-client-ca-file=" + pki("front-proxy-ca.crt"),
			"--requestheader-allowed-names=front-proxy-client",
			"--requestheader-username-headers=X-Remote-User",
			"--requestheader-group-headers=X-Remote-Group",
			"--requestheader-extra-headers-prefix=X-Remote-Extra-",
			"--proxy-client-cert-file=" + pki("front-proxy-client.crt"),
			"--proxy-client-key-file=" + pki("front-proxy-client.key"),
			"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
			"--service-account-key-file=" + pki("sa.pub"),
			"--service-account-signing-key-file=" + pki("sa.key"),
			"--profiling=false",
			s.verbosity(),
		},
		ready: serving(adminConfig),
	})
}

func (s *Supervisor) startControllerManager(ctx context.Context) error {
	kubeconfig := filepath.Join(etcDir, "controller-manager.conf")
	return s.launch(ctx, component{
		name: StepControllerManager,
		argv: []string{
			s.spec.Binaries["kube-controller-manager"],
			"--kubeconfig=" + kubeconfig,
			"--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
			"--bind-address=127.0.0.1",
			"--leader-elect=false",
			"--use-service-account-credentials=true",
			"--root-ca-file=" + filepath.Join(pkiDir, "ca.crt"),
			"--service-account-private-key-file=" + filepath.Join(pkiDir, "sa.key"),
			"--cluster-signing-cert-file=" + filepath.Join(pkiDir, "ca.crt"),
			"--cluster-signing-key-file=" + filepath.Join(pkiDir, "ca.key"),
			"--kube-api-qps=500", "--kube-api-burst=1000",
			// How soon a claim, a node or an attachment is looked at again.
			"--pvclaimbinder-sync-period=2s", "--node-monitor-period=1s", "--attach-detach-reconcile-sync-period=5s",
			"--profiling=false",
			s.verbosity(),
		},
		ready: healthy("https://127.0.0.1:10257/healthz"),
	})
}

func (s *Supervisor) startScheduler(ctx context.Context) error {
	kubeconfig := filepath.Join(etcDir, "scheduler.conf")
	config, err := writeConfig("scheduler.yaml", schedulerConfig(kubeconfig))
	if err != nil {
		return err
	}
	return s.launch(ctx, component{
		name: StepScheduler,
		argv: []string{
			s.spec.Binaries["kube-scheduler"],
			"--config=" + config,
			"--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
			"--bind-address=127.0.0.1",
			s.verbosity(),
		},
		ready: healthy("https://127.0.0.1:10259/healthz"),
	})
}

func (s *Supervisor) verbosity() string { return "--v=" + strconv.Itoa(s.spec.Verbosity) }
