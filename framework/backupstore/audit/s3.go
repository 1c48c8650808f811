package audit

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"

	"github.com/minio/minio-go/v7"
)

// NewS3 returns the backup target in a bucket. Prefix is what the objects' keys
// start with, empty or with a slash at the end, as s3.Location has it.
func NewS3(client *minio.Client, bucket, prefix string) Store {
	return bucketStore{client: client, bucket: bucket, prefix: prefix}
}

type bucketStore struct {
	client         *minio.Client
	bucket, prefix string
}

// List implements Store.
func (b bucketStore) List(ctx context.Context, folder string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // the client asks for it when a listing is not read to its end
		options := minio.ListObjectsOptions{Prefix: b.prefix + folder, Recursive: true}
		for object := range b.client.ListObjectsIter(ctx, b.bucket, options) {
			if object.Err != nil {
				yield(Object{}, fmt.Errorf("cannot list %s in bucket %s: %w", options.Prefix, b.bucket, object.Err))
				return
			}
			key := strings.TrimPrefix(object.Key, b.prefix)
			if !yield(Object{Key: key, Size: object.Size, Modified: object.LastModified}, nil) {
				return
			}
		}
	}
}

// Get implements Store.
func (b bucketStore) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	// Unlike the client's own method this one asks now, not at the first read.
	core := minio.Core{Client: b.client}
	body, _, _, err := core.GetObject(ctx, b.bucket, b.prefix+key, minio.GetObjectOptions{})
	if err == nil {
		return body, nil
	}
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		err = fs.ErrNotExist
	}
	return nil, fmt.Errorf("cannot read %s%s in bucket %s: %w", b.prefix, key, b.bucket, err)
}
