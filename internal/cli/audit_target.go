package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/backupstore/audit"
	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/internal/s3"
)

// openedTarget is a backup target that can be read.
type openedTarget struct {
	store audit.Store
	// name is for people; it holds no secret.
	name  string
	close func()
}

func isS3(target string) bool { return strings.HasPrefix(target, "s3:") }

// openTarget finds out how the target is reached.
func openTarget(ctx context.Context, target string, flags auditFlags) (openedTarget, error) {
	switch {
	case target == "":
		return openCluster(ctx, flags.cluster)
	case isS3(target):
		return openS3(ctx, target, flags)
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "file" || u.Host != "" || u.Path == "" {
		return openedTarget{}, errors.New("the target is neither s3://bucket@region/path/ nor file:///directory; mount a share and give its directory")
	}
	store, err := audit.NewDir(u.Path)
	return openedTarget{store: store, name: "file://" + u.Path, close: func() {}}, err
}

// openCluster opens the bucket of an embedded cluster.
func openCluster(ctx context.Context, name string) (openedTarget, error) {
	status, err := anyCluster(ctx, name)
	if status == nil {
		return openedTarget{}, err
	}
	if status.Phase != cluster.Running {
		return openedTarget{}, fmt.Errorf("cluster %q is %s: give the name of another with --cluster, or a target such as s3://backupbucket@us-east-1/", name, status.Phase)
	}
	config, err := clientcmd.BuildConfigFromFlags("", status.Kubeconfig)
	if err != nil {
		return openedTarget{}, fmt.Errorf("read the kubeconfig: %w", err)
	}
	c, err := kube.New(config)
	if err != nil {
		return openedTarget{}, err
	}
	client, stop, err := backupstore.Client(ctx, c)
	if err != nil {
		return openedTarget{}, err
	}
	return openedTarget{
		store: audit.NewS3(client, backupstore.Bucket, ""),
		name:  fmt.Sprintf("bucket %s of cluster %q", backupstore.Bucket, name),
		close: stop,
	}, nil
}

// openS3 opens a bucket with the keys that the flags lead to.
func openS3(ctx context.Context, target string, flags auditFlags) (openedTarget, error) {
	location, err := s3.ParseLocation(target)
	if err != nil {
		return openedTarget{}, err
	}
	keys, c, err := findKeys(ctx, flags)
	if err != nil {
		return openedTarget{}, err
	}
	connection, err := keys.connection(location.Region, flags.endpoint)
	if err != nil {
		return openedTarget{}, err
	}
	var options []func(*http.Transport)
	stop := func() {}
	if c != nil {
		option, end, err := backupstore.Through(ctx, c, connection.Endpoint)
		if err != nil {
			return openedTarget{}, err
		}
		options, stop = append(options, option), end
	}
	client, err := connection.Client(options...)
	if err != nil {
		stop()
		return openedTarget{}, err
	}
	return openedTarget{store: audit.NewS3(client, location.Bucket, location.Prefix), name: location.String(), close: stop}, nil
}

// clusterOf returns the cluster that a kubeconfig, or without one the usual
// places, lead to.
func clusterOf(kubeconfig string) (*kube.Client, error) {
	c, err := connect(kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("cannot find the cluster of --secret: %w", err)
	}
	return c, nil
}
