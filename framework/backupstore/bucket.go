package backupstore

import (
	"context"
	"fmt"

	"github.com/minio/minio-go/v7"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/s3"
)

// Connection returns how to reach the store from inside the cluster.
func Connection(ctx context.Context, c *kube.Client) (s3.Connection, error) {
	secret, err := c.Core.CoreV1().Secrets(SecretNamespace).Get(ctx, Secret, metav1.GetOptions{})
	if err != nil {
		return s3.Connection{}, fmt.Errorf("cannot read secret %s/%s: %w", SecretNamespace, Secret, err)
	}
	return s3.FromLookup(func(key string) (string, bool) {
		value, ok := secret.Data[key]
		return string(value), ok
	})
}

// Client returns a client for the store that works from this machine, outside
// the cluster's network, through the API server. It trusts the certificate that
// the store itself was given, so that it also works when what drivers are told of
// the store is wrong. Call close when done.
func Client(ctx context.Context, c *kube.Client) (client *minio.Client, close func(), err error) {
	connection, err := Connection(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	own, err := c.Core.CoreV1().Secrets(namespace).Get(ctx, tlsSecret, metav1.GetOptions{})
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read secret %s/%s: %w", namespace, tlsSecret, err)
	}
	connection.CA = own.Data["public.crt"]
	find := func(ctx context.Context) (*podPort, error) { return runningPod(ctx, c) }
	option, stop := (&tunnel{ctx: ctx, kube: c, find: find}).option()
	client, err = connection.Client(option)
	if err != nil {
		return nil, nil, err
	}
	return client, stop, nil
}

func runningPod(ctx context.Context, c *kube.Client) (*podPort, error) {
	pods, err := c.Core.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + deployment})
	if err != nil {
		return nil, fmt.Errorf("cannot list the pods of MinIO: %w", err)
	}
	for _, pod := range pods.Items {
		if pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			return &podPort{namespace: namespace, pod: pod.Name, port: port}, nil
		}
	}
	return nil, fmt.Errorf("no pod of MinIO runs in namespace %s: install the backupstore first", namespace)
}

func makeBucket(ctx context.Context, c *kube.Client) error {
	ctx, cancel := context.WithTimeout(ctx, timeouts.BucketMade.Limit)
	defer cancel()
	client, stop, err := Client(ctx, c)
	if err != nil {
		return err
	}
	defer stop()
	err = client.MakeBucket(ctx, Bucket, minio.MakeBucketOptions{Region: s3.Region})
	if code := minio.ToErrorResponse(err).Code; err != nil && code != "BucketAlreadyOwnedByYou" && code != "BucketAlreadyExists" {
		return fmt.Errorf("cannot make bucket %s: %w", Bucket, err)
	}
	return nil
}
