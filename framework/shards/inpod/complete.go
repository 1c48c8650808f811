package inpod

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/muster-csi/muster/framework/existing"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/shards"
)

// outputDir is where the specs put what comes out. Nothing else is in it.
var outputDir = filepath.Join(shards.WorkDir, "output")

// complete adds what only the pod knows: the way to the API server, where results go,
// and whether what is in the backupstore can be read from here.
func complete(ctx context.Context, config *harness.Config) error {
	api, err := inCluster()
	if err != nil {
		return err
	}
	config.Kubeconfig, config.OutputDir = filepath.Join(shards.WorkDir, "kubeconfig"), outputDir
	if err := os.MkdirAll(outputDir, 0o755); err != nil {
		return fmt.Errorf("make the output directory: %w", err)
	}
	if err := clientcmd.WriteToFile(*kubeconfig(api), config.Kubeconfig); err != nil {
		return fmt.Errorf("write the pod's kubeconfig: %w", err)
	}
	if config.Store.URL == "" {
		return nil // there is none, or the configuration of the cluster says to use none
	}
	client, err := kube.New(api)
	if err != nil {
		return err
	}
	if config.Store, err = existing.StoreOf(ctx, client); err != nil {
		return fmt.Errorf("find the backupstore: %w", err)
	}
	return nil
}

// kubeconfig names the files of the service account, since its token is renewed meanwhile.
func kubeconfig(api *rest.Config) *clientcmdapi.Config {
	config := clientcmdapi.NewConfig()
	config.Clusters["cluster"] = &clientcmdapi.Cluster{Server: api.Host, CertificateAuthority: api.CAFile}
	config.AuthInfos["account"] = &clientcmdapi.AuthInfo{TokenFile: api.BearerTokenFile}
	config.Contexts["account"] = &clientcmdapi.Context{Cluster: "cluster", AuthInfo: "account"}
	config.CurrentContext = "account"
	return config
}
