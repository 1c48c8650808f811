package cluster

import (
	"errors"
	"fmt"
	"os"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// RESTConfig returns the connection to a cluster without client-side limits.
func RESTConfig(kubeconfig string) (*rest.Config, error) {
	if f, err := os.Open(kubeconfig); errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("the kubeconfig %s belongs to another user; run the same command with sudo", kubeconfig)
	} else if err == nil {
		f.Close()
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig %s: %w", kubeconfig, err)
	}
	config.QPS = -1
	return config, nil
}

// Connect returns a client for Kubernetes' own kinds.
func Connect(kubeconfig string) (kubernetes.Interface, error) {
	config, err := RESTConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}
