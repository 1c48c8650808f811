package backupstore

import (
	"context"
	"fmt"

	"github.com/minio/minio-go/v7"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/internal/s3"
)

// Store is where the backups of a cluster go. It holds no secret.
type Store struct {
	// URL is that of the BackupTarget, s3://bucket@region/path/.
	URL string `json:"url,omitempty"`
	// Secret holds the connection details, in SecretNamespace.
	Secret string `json:"secret,omitempty"`
	// Absent says why there is none that can be read, "" when there is one.
	Absent string `json:"absent,omitempty"`
}

// Own is the store that Install brings.
func Own() Store {
	return Store{URL: s3.Location{Bucket: Bucket, Region: s3.Region}.String(), Secret: Secret}
}

// Location takes the URL apart; the zero value stands for one that is not S3.
func (s Store) Location() s3.Location {
	location, err := s3.ParseLocation(s.URL)
	if err != nil {
		return s3.Location{}
	}
	return location
}

// Connection returns how to reach the store from inside the cluster. Without an
// endpoint among the keys it is Amazon's, as for Longhorn.
func (s Store) Connection(ctx context.Context, c *kube.Client) (s3.Connection, error) {
	location, err := s3.ParseLocation(s.URL)
	if err != nil {
		return s3.Connection{}, err
	}
	secret, err := c.Core.CoreV1().Secrets(SecretNamespace).Get(ctx, s.Secret, metav1.GetOptions{})
	if err != nil {
		return s3.Connection{}, fmt.Errorf("cannot read secret %s/%s: %w", SecretNamespace, s.Secret, err)
	}
	connection, err := s3.FromLookup(func(key string) (string, bool) {
		if value := secret.Data[key]; len(value) > 0 || key != s3.KeyEndpoints {
			return string(value), len(value) > 0
		}
		return "https://s3." + location.Region + ".amazonaws.com", true
	})
	if err != nil {
		return s3.Connection{}, fmt.Errorf("secret %s/%s: %w", SecretNamespace, s.Secret, err)
	}
	connection.Region = location.Region
	return connection, nil
}

// Client returns a client for the store that works from this machine, through the
// API server where the store is a Service of the cluster. Call close when done.
func (s Store) Client(ctx context.Context, c *kube.Client) (client *minio.Client, close func(), err error) {
	if s == Own() {
		client, close, err = Client(ctx, c)
		// Who may not read the store's own certificate believes what drivers are told.
		if err == nil || !apierrors.IsForbidden(err) && !apierrors.IsNotFound(err) {
			return client, close, err
		}
	}
	connection, err := s.Connection(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	option, stop, err := Through(ctx, c, connection.Endpoint)
	if err != nil {
		return nil, nil, err
	}
	client, err = connection.Client(option)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return client, stop, nil
}
