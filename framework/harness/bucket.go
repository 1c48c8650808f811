package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"

	"github.com/muster-csi/muster/framework/backupstore"
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
	client, _, err := backupstore.Client(context.WithoutCancel(ctx), c.Kube)
	b.client = client
	return client, err
}

// Store returns a path of the bucket, "" for the one of the default target, for
// reading it without the driver's help.
func (c *Cluster) Store(ctx context.Context, prefix string) (audit.Store, error) {
	client, err := c.bucket.open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open the backupstore: %w", err)
	}
	return audit.NewS3(client, backupstore.Bucket, prefix), nil
}

// Bucket returns a client for the store and the bucket's name.
func (c *Cluster) Bucket(ctx context.Context) (*minio.Client, string, error) {
	client, err := c.bucket.open(ctx, c)
	return client, backupstore.Bucket, err
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

// BeginBackups is Begin for a spec about backups. When the spec has ended the
// auditor looks into the bucket twice: before anything is removed every complete
// backup must be whole, and when all backups have been deleted nothing may be
// left of them, neither blocks nor configs nor locks.
func BeginBackups(ctx context.Context) *Env {
	env := Begin(ctx)
	env.AuditToo("")
	return env
}

// RemoveBackupVolumes removes what the backupstores have of some volumes, as the end of the spec does.
func (c *Cluster) RemoveBackupVolumes(ctx context.Context, volumes ...string) error {
	inStores, err := longhorn.BackupVolumesOf(ctx, c.Client, volumes...)
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
		if len(made.Volumes) == 0 {
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

// emptyPrefix removes every object of a path in the bucket.
func (c *Cluster) emptyPrefix(ctx context.Context, prefix string) error {
	client, name, err := c.Bucket(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for object := range client.ListObjects(ctx, name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if object.Err != nil {
			return fmt.Errorf("list %s of the bucket: %w", prefix, object.Err)
		}
		failures = append(failures, client.RemoveObject(ctx, name, object.Key, minio.RemoveObjectOptions{}))
	}
	return errors.Join(failures...)
}

// objectsLeft names what the bucket holds, volumes and not blocks.
func (c *Cluster) objectsLeft(ctx context.Context) (leak.Rest, error) {
	client, name, err := c.Bucket(ctx)
	if err != nil {
		return nil, err
	}
	var rest leak.Rest
	for object := range client.ListObjects(ctx, name, minio.ListObjectsOptions{Recursive: true}) {
		if object.Err != nil {
			return nil, fmt.Errorf("list the bucket: %w", object.Err)
		}
		folder, _, _ := strings.Cut(object.Key, "/blocks/")
		if entry := "object in the bucket: " + folder; !slices.Contains(rest, entry) {
			rest = append(rest, entry)
		}
	}
	return rest, nil
}

// TakeAway removes an object from the bucket and returns how to put it back. It is put back when the spec ends in any case.
func (e *Env) TakeAway(ctx context.Context, key string) (putBack func(context.Context) error, err error) {
	client, name, err := e.Bucket(ctx)
	if err != nil {
		return nil, err
	}
	object, err := client.GetObject(ctx, name, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("read %s of the bucket: %w", key, err)
	}
	defer object.Close()
	content, err := io.ReadAll(object)
	if err != nil {
		return nil, fmt.Errorf("read %s of the bucket: %w", key, err)
	}
	putBack = func(ctx context.Context) error {
		_, err := client.PutObject(ctx, name, key, bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
		return err
	}
	if err := client.RemoveObject(ctx, name, key, minio.RemoveObjectOptions{}); err != nil {
		return nil, fmt.Errorf("remove %s from the bucket: %w", key, err)
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.before = append(e.before, putBack)
	return putBack, nil
}

// CopyTree copies everything below one path of the bucket to another, as somebody would who backs up the bucket.
func (c *Cluster) CopyTree(ctx context.Context, from, to string) error {
	client, name, err := c.Bucket(ctx)
	if err != nil {
		return err
	}
	for object := range client.ListObjects(ctx, name, minio.ListObjectsOptions{Prefix: from, Recursive: true}) {
		if object.Err != nil {
			return fmt.Errorf("list %s of the bucket: %w", from, object.Err)
		}
		_, err := client.CopyObject(ctx, minio.CopyDestOptions{Bucket: name, Object: to + strings.TrimPrefix(object.Key, from)},
			minio.CopySrcOptions{Bucket: name, Object: object.Key})
		if err != nil {
			return fmt.Errorf("copy %s in the bucket: %w", object.Key, err)
		}
	}
	return nil
}
