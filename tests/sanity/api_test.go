package sanity

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/framework/components"
)

// startAPI starts etcd and a kube-apiserver with the driver's CRDs and
// namespace for this test. MUSTER_TEST_ETCD and MUSTER_TEST_APISERVER name
// other binaries than those of the component cache.
func startAPI(t *testing.T) *rest.Config {
	t.Helper()
	set, err := components.Ensure(t.Context(), components.Options{Only: []string{"etcd", "kube-apiserver", "longhorn-crds"}, Progress: os.Stderr})
	if err != nil {
		t.Fatalf("etcd, kube-apiserver and the CRDs are needed: %v", err)
	}
	crds, err := set.Manifest("longhorn-crds")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	manifest := filepath.Join(dir, "crds.yaml")
	if err := os.WriteFile(manifest, crds, 0o600); err != nil {
		t.Fatal(err)
	}
	environment := &envtest.Environment{CRDInstallOptions: envtest.CRDInstallOptions{Paths: []string{manifest}, ErrorIfPathMissing: true}}
	environment.ControlPlane.Etcd = &envtest.Etcd{Path: mortal(t, dir, "etcd", binary(set, "MUSTER_TEST_ETCD", "etcd"))}
	environment.ControlPlane.APIServer = &envtest.APIServer{Path: mortal(t, dir, "kube-apiserver", binary(set, "MUSTER_TEST_APISERVER", "kube-apiserver"))}
	config, err := environment.Start()
	if err != nil {
		t.Fatalf("start etcd and kube-apiserver: %v", err)
	}
	t.Cleanup(func() {
		if err := environment.Stop(); err != nil {
			t.Errorf("stop etcd and kube-apiserver: %v", err)
		}
	})
	config.QPS = -1
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: api.DefaultNamespace}}
	if _, err := kubernetes.NewForConfigOrDie(config).CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return config
}

func binary(set *components.Set, variable, name string) string {
	if path := os.Getenv(variable); path != "" {
		return path
	}
	return set.Binary(name)
}

// mortal returns a program that runs the binary and dies with this process,
// also when this process is killed.
func mortal(t *testing.T, dir, name, binary string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	script := fmt.Sprintf("#!/bin/sh\nexec setpriv --pdeathsig KILL -- %q \"$@\"\n", binary)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}
