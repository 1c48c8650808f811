package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"
)

// RoundTrip is the result of PutGet.
type RoundTrip struct {
	// Object is the key under which the object was stored; it is gone again.
	Object string `json:"object"`
	// Bytes is its size.
	Bytes int64 `json:"bytes"`
	// SHA256 is that of the content read back, in hex.
	SHA256 string `json:"sha256"`
}

// PutGet stores one object of size random bytes in bucket, reads it back,
// compares the bytes and removes it, also when the comparison fails.
func PutGet(ctx context.Context, client *minio.Client, bucket string, size int64) (result RoundTrip, err error) {
	content := make([]byte, size)
	_, _ = rand.Read(content) // documented never to fail
	sum := sha256.Sum256(content)
	result = RoundTrip{Object: "muster-check/" + rand.Text(), Bytes: size, SHA256: hex.EncodeToString(sum[:])}
	if _, err := client.PutObject(ctx, bucket, result.Object, bytes.NewReader(content), size, minio.PutObjectOptions{}); err != nil {
		return result, fmt.Errorf("cannot put an object into bucket %s: %w", bucket, err)
	}
	defer func() {
		if removeErr := client.RemoveObject(ctx, bucket, result.Object, minio.RemoveObjectOptions{}); removeErr != nil {
			err = errors.Join(err, fmt.Errorf("cannot remove object %s from bucket %s: %w", result.Object, bucket, removeErr))
		}
	}()
	object, err := client.GetObject(ctx, bucket, result.Object, minio.GetObjectOptions{})
	if err != nil {
		return result, fmt.Errorf("cannot get object %s from bucket %s: %w", result.Object, bucket, err)
	}
	defer object.Close()
	back, err := io.ReadAll(object)
	if err != nil {
		return result, fmt.Errorf("cannot read object %s of bucket %s: %w", result.Object, bucket, err)
	}
	if !bytes.Equal(content, back) {
		return result, fmt.Errorf("object %s came back with other content: %d bytes put, %d bytes got", result.Object, len(content), len(back))
	}
	return result, nil
}
