package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/muster-csi/muster/framework/kube"
)

// addKubeconfigFlag adds --kubeconfig, the same in every command about a cluster that somebody else has made.
func addKubeconfigFlag(cmd *cobra.Command, kubeconfig *string) {
	cmd.Flags().StringVar(kubeconfig, "kubeconfig", "", "`file` with the connection to the cluster (default: $KUBECONFIG, else ~/.kube/config)")
}

// errNoKubeconfig says that nothing leads to a cluster.
var errNoKubeconfig = errors.New("there is no kubeconfig: give it with --kubeconfig")

// loadedFrom reads a kubeconfig, or without one those in the usual places, when it is asked for something.
func loadedFrom(kubeconfig string) clientcmd.ClientConfig {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{})
}

// restOf returns how to reach the cluster that a kubeconfig, or without one the usual places, lead to.
func restOf(kubeconfig string) (*rest.Config, error) {
	config, err := loadedFrom(kubeconfig).ClientConfig()
	if clientcmd.IsEmptyConfig(err) {
		return nil, errNoKubeconfig
	}
	if err != nil {
		return nil, fmt.Errorf("cannot use the kubeconfig: %w", err)
	}
	return config, nil
}

// connect returns the cluster of a kubeconfig.
func connect(kubeconfig string) (*kube.Client, error) {
	config, err := restOf(kubeconfig)
	if err != nil {
		return nil, err
	}
	return kube.New(config)
}
