package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/minio/minio-go/v7"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/framework/backupstore/audit"
	"github.com/muster-csi/muster/framework/timeouts"
)

// LockType says whom a lock on a volume of the store keeps out.
type LockType int

const (
	// SharedLock is held by backups and restores and keeps deletions out.
	SharedLock LockType = 1
	// DeletionLock is held by deletions and keeps backups and restores out.
	DeletionLock LockType = 2
)

// Lock is one that a spec has put into the store, as another cluster's Longhorn would.
type Lock struct {
	// Key is where it lies in the bucket.
	Key string
	// Remove takes it away; it may be called twice, and the end of the spec does it in any case.
	Remove func(context.Context) error
}

// lockFile is the content of a lock (backupstore 966fecd6b927 lock.go FileLock).
type lockFile struct {
	Name     string
	Type     LockType
	Acquired bool
}

// PutLock puts a lock on a volume into a path of the bucket, valid from now on for 150 s (clause B-10).
func (e *Env) PutLock(ctx context.Context, prefix, volume string, kind LockType) (*Lock, error) {
	e.NeedsStore()
	client, bucket, base, err := e.tree(ctx)
	if err != nil {
		return nil, err
	}
	digits := strings.ReplaceAll(string(uuid.NewUUID()), "-", "")[:16]
	file := lockFile{Name: "lock-" + digits, Type: kind, Acquired: true}
	text, err := json.Marshal(file)
	key := base + prefix + audit.FolderOf(volume) + "locks/" + file.Name + ".lck"
	if err == nil {
		_, err = client.PutObject(ctx, bucket, key, strings.NewReader(string(text)), int64(len(text)), minio.PutObjectOptions{})
	}
	if err != nil {
		return nil, fmt.Errorf("put a lock on volume %s into the bucket: %w", volume, err)
	}
	lock := &Lock{Key: key, Remove: func(ctx context.Context) error {
		return client.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{})
	}}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.before = append(e.before, lock.Remove)
	return lock, nil
}

// WaitUnlocked waits until nobody holds a lock on a volume in a path of the bucket: whoever was
// ended in the middle of a restore would leave one behind.
func (c *Cluster) WaitUnlocked(ctx context.Context, prefix, volume string) error {
	budget := timeouts.BackupGone
	var last []string
	err := wait.PollUntilContextTimeout(ctx, lookAgain, budget.Limit, true, func(ctx context.Context) (bool, error) {
		locks, err := c.locksIn(ctx, prefix, volume)
		last = locks
		return len(locks) == 0, err
	})
	if err != nil {
		return fmt.Errorf("waited %s (timeouts.%s) for volume %s to be locked by nobody in the bucket; last seen: %q: %w", budget.Limit, budget.Name, volume, last, err)
	}
	return nil
}

// locksIn lists the keys of the locks on a volume in a path of the bucket.
func (c *Cluster) locksIn(ctx context.Context, prefix, volume string) ([]string, error) {
	c.NeedsStore()
	client, bucket, base, err := c.tree(ctx)
	if err != nil {
		return nil, err
	}
	var keys []string
	var failures []error
	for object := range client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Prefix: base + prefix + audit.FolderOf(volume) + "locks/", Recursive: true}) {
		failures = append(failures, object.Err)
		keys = append(keys, object.Key)
	}
	return keys, errors.Join(failures...)
}
