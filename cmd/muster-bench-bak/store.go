package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/driver/backup"
)

const (
	bucket = "bench"
	region = "us-east-1"
	// storeStarts is how long MinIO may take to serve.
	storeStarts = 30 * time.Second
)

// store is a MinIO of our own, on the loopback interface and without TLS.
type store struct {
	process      *exec.Cmd
	client       *minio.Client
	address      string
	user, secret string
}

// startStore starts MinIO with its data in dir and makes the bucket. The store
// that it returns must be stopped, also when there is an error beside it.
func startStore(ctx context.Context, program, dir string) (*store, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a free port for MinIO: %w", err)
	}
	s := &store{address: listener.Addr().String(), user: rand.Text(), secret: rand.Text()}
	listener.Close()
	s.client, err = minio.New(s.address, &minio.Options{Creds: credentials.NewStaticV4(s.user, s.secret, ""), Region: region})
	if err != nil {
		return nil, fmt.Errorf("make a client of MinIO: %w", err)
	}
	// Not bound to ctx: those who use it are ended first.
	s.process = child(context.WithoutCancel(ctx), []string{
		"HOME=" + dir, "MINIO_ROOT_USER=" + s.user, "MINIO_ROOT_PASSWORD=" + s.secret, "MINIO_BROWSER=off", "MINIO_UPDATE=off",
	}, program, "server", filepath.Join(dir, "minio"), "--address", s.address, "--quiet")
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("start MinIO: %w", err)
	}
	return s, s.makeBucket(ctx)
}

// makeBucket waits until the store serves.
func (s *store) makeBucket(ctx context.Context) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, storeStarts, true, func(ctx context.Context) (bool, error) {
		last = s.client.MakeBucket(ctx, bucket, minio.MakeBucketOptions{Region: region})
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("MinIO at %s made no bucket within %s, last it answered: %w", s.address, storeStarts, last)
	}
	return nil
}

func (s *store) url() string { return "http://" + s.address }

// credentials are in Longhorn's words.
func (s *store) credentials() backup.Credentials {
	return backup.Credentials{
		"AWS_ACCESS_KEY_ID": s.user, "AWS_SECRET_ACCESS_KEY": s.secret,
		"AWS_ENDPOINTS": s.url(), "VIRTUAL_HOSTED_STYLE": "false",
	}
}

// environment is what a child gets of the credentials.
func (s *store) environment() []string {
	var environment []string
	for key, value := range s.credentials() {
		environment = append(environment, key+"="+value)
	}
	return environment
}

// target names a place in the bucket as a backup target.
func (s *store) target(place string) string {
	return fmt.Sprintf("s3://%s@%s/%s/", bucket, region, place)
}

// empty removes what is at a place.
func (s *store) empty(ctx context.Context, place string) error {
	objects := s.client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Prefix: place + "/", Recursive: true})
	var err error
	for failed := range s.client.RemoveObjects(ctx, bucket, objects, minio.RemoveObjectsOptions{}) {
		err = fmt.Errorf("remove %s from the store: %w", failed.ObjectName, failed.Err)
	}
	return err
}

// stop ends the store at once; its data are not needed any more.
func (s *store) stop() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait() // it says that it was killed
}
