package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/runid"
)

// emptyPrefix removes every object of a path in the bucket.
func (c *Cluster) emptyPrefix(ctx context.Context, prefix string) error {
	if c.Config.Store.Absent != "" || prefix == "" {
		return nil
	}
	client, name, base, err := c.tree(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for object := range client.ListObjects(ctx, name, minio.ListObjectsOptions{Prefix: base + prefix, Recursive: true}) {
		if object.Err != nil {
			return fmt.Errorf("list %s of the bucket: %w", prefix, object.Err)
		}
		failures = append(failures, client.RemoveObject(ctx, name, object.Key, minio.RemoveObjectOptions{}))
	}
	return errors.Join(failures...)
}

// objectsLeft names what the bucket holds, volumes and not blocks. In a store that others use as well only paths
// of the run count; what is left of its volumes the audit after each spec finds.
func (c *Cluster) objectsLeft(ctx context.Context) (leak.Rest, error) {
	if c.Config.Store.Absent != "" {
		return nil, nil
	}
	client, name, base, err := c.tree(ctx)
	if err != nil {
		return nil, err
	}
	var rest leak.Rest
	// One level is enough where only paths of specs are looked for, and a bucket may hold millions of blocks.
	for object := range client.ListObjects(ctx, name, minio.ListObjectsOptions{Prefix: base, Recursive: !c.Config.Shared}) {
		if object.Err != nil {
			return nil, fmt.Errorf("list the bucket: %w", object.Err)
		}
		folder, _, _ := strings.Cut(object.Key, "/blocks/")
		if c.Config.Shared && !runid.In(folder, c.Config.Run) {
			continue
		}
		if entry := "object in the bucket: " + folder; !slices.Contains(rest, entry) {
			rest = append(rest, entry)
		}
	}
	return rest, nil
}

// TakeAway removes an object from the bucket and returns how to put it back. It is put back when the spec ends in any case.
func (e *Env) TakeAway(ctx context.Context, key string) (putBack func(context.Context) error, err error) {
	e.NeedsStore()
	client, name, base, err := e.tree(ctx)
	if err != nil {
		return nil, err
	}
	key = base + key
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
	c.NeedsStore()
	client, name, base, err := c.tree(ctx)
	if err != nil {
		return err
	}
	from, to = base+from, base+to
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
