package harness

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/onsi/ginkgo/v2"

	"github.com/muster-csi/muster/framework/backupstore/audit"
	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// bucket is this process's way to the store, opened when it is first needed and
// closed by the process's end.
type bucket struct {
	mutex  sync.Mutex
	client *minio.Client
}

// open returns the client. A failed attempt is repeated by the next call.
func (b *bucket) open(ctx context.Context, c *Cluster) (*minio.Client, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.client != nil {
		return b.client, nil
	}
	// The connection outlives the spec that needs it first.
	client, _, err := c.Config.Store.Client(context.WithoutCancel(ctx), c.Kube)
	b.client = client
	return client, err
}

// Store returns a path of the bucket, "" for the one of the default target, for
// reading it without the driver's help. Where it cannot be read the spec is skipped.
func (c *Cluster) Store(ctx context.Context, prefix string) (audit.Store, error) {
	c.NeedsStore()
	client, err := c.bucket.open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open the backupstore: %w", err)
	}
	location := c.Config.Store.Location()
	return audit.NewS3(client, location.Bucket, location.Prefix+prefix), nil
}

// tree returns a client for the store, its bucket, and what the keys of the default target begin with there.
func (c *Cluster) tree(ctx context.Context) (client *minio.Client, bucket, base string, err error) {
	location := c.Config.Store.Location()
	client, err = c.bucket.open(ctx, c)
	return client, location.Bucket, location.Prefix, err
}

// Audit says what a path of the bucket has of some volumes and what is wrong with that.
func (c *Cluster) Audit(ctx context.Context, prefix string, running bool, volumes ...string) (*audit.Result, error) {
	store, err := c.Store(ctx, prefix)
	if err != nil {
		return nil, err
	}
	return audit.Run(ctx, store, audit.Options{Volumes: volumes, Running: running})
}

// SHA256InBucket is that of a range of a backup, in bytes, restored from a path of the bucket alone.
func (c *Cluster) SHA256InBucket(ctx context.Context, prefix, volume, backup string, offset, length int64) (string, error) {
	store, err := c.Store(ctx, prefix)
	if err != nil {
		return "", err
	}
	return audit.SHA256(ctx, store, volume, backup, offset, length)
}

// StoreSecret is the name of the store's own credential secret. Where there is none the spec is skipped.
func (c *Cluster) StoreSecret() string {
	c.NeedsStore()
	return c.Config.Store.Secret
}

// StoreHost is the host name of the store inside the cluster.
func (c *Cluster) StoreHost(ctx context.Context) (string, error) {
	connection, err := c.Config.Store.Connection(ctx, c.Kube)
	if err != nil {
		return "", err
	}
	endpoint, err := url.Parse(connection.Endpoint)
	if err != nil {
		return "", errors.New("the endpoint of the backupstore is no URL")
	}
	return endpoint.Hostname(), nil
}

// BeginBackups is Begin for a spec about backups. When the spec has ended the
// auditor looks into the bucket twice: before anything is removed every complete
// backup must be whole, and when all backups have been deleted nothing may be
// left of them, neither blocks nor configs nor locks.
func BeginBackups(ctx context.Context) *Env {
	ginkgo.GinkgoHelper()
	if connected != nil && connected.Config.Store.URL == "" {
		ginkgo.Skip("needs a backup target: " + connected.Config.Store.Absent)
	}
	env := Begin(ctx)
	env.AuditToo("")
	return env
}

// RemoveBackupVolumes removes what the backupstores have of some volumes, as the end of the spec does.
func (c *Cluster) RemoveBackupVolumes(ctx context.Context, volumes ...string) error {
	inStores, err := longhorn.BackupVolumesOf(ctx, c.plain, volumes...)
	failures := []error{err}
	for i := range inStores {
		failures = append(failures, deleteAndWait(ctx, c, &inStores[i], timeouts.BackupGone))
	}
	return errors.Join(failures...)
}

// AuditToo makes the auditor look at a path of the bucket when the spec has ended.
func (e *Env) AuditToo(prefix string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.prefixes = append(e.prefixes, prefix)
}

// auditBackups reads what the bucket has of the spec's volumes. Absent volumes are fine.
func (e *Env) auditBackups(ctx context.Context, made leak.Made, running bool) error {
	var failures []error
	for _, prefix := range e.prefixes {
		if len(made.Volumes) == 0 || e.Config.Store.Absent != "" {
			break
		}
		result, err := e.Audit(ctx, prefix, running, made.Volumes...)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		for _, violation := range result.Violations {
			if violation.Kind != audit.KindVolumeAbsent {
				failures = append(failures, violation)
			}
		}
	}
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("the bucket is not as its backups need it: %w", err)
	}
	return nil
}

// removeBackups removes what the backupstores have of the spec's volumes, once
// the backups themselves are gone: a volume's own entry stays until somebody deletes it.
func (e *Env) removeBackups(ctx context.Context, made leak.Made) error {
	return e.RemoveBackupVolumes(ctx, made.Volumes...)
}
