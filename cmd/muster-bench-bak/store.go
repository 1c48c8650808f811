package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"k8s.io/apimachinery/pkg/util/wait"
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
	address      string
	user, secret string
}

// startStore starts MinIO with its data in dir and makes the bucket.
func startStore(ctx context.Context, program, dir string) (*store, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a free port for MinIO: %w", err)
	}
	s := &store{address: listener.Addr().String(), user: rand.Text(), secret: rand.Text()}
	listener.Close()
	s.process = exec.Command(program, "server", filepath.Join(dir, "minio"), "--address", s.address, "--quiet")
	s.process.Env = append(os.Environ(), "MINIO_ROOT_USER="+s.user, "MINIO_ROOT_PASSWORD="+s.secret, "MINIO_BROWSER=off", "MINIO_UPDATE=off")
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("start MinIO: %w", err)
	}
	client, err := minio.New(s.address, &minio.Options{Creds: credentials.NewStaticV4(s.user, s.secret, ""), Region: region})
	if err != nil {
		return s, err
	}
	err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, storeStarts, true, func(ctx context.Context) (bool, error) {
		return client.MakeBucket(ctx, bucket, minio.MakeBucketOptions{Region: region}) == nil, nil
	})
	if err != nil {
		return s, fmt.Errorf("MinIO does not serve within %s: %w", storeStarts, err)
	}
	return s, nil
}

// credentials are in Longhorn's words.
func (s *store) credentials() map[string]string {
	return map[string]string{
		"AWS_ACCESS_KEY_ID": s.user, "AWS_SECRET_ACCESS_KEY": s.secret,
		"AWS_ENDPOINTS": "http://" + s.address, "VIRTUAL_HOSTED_STYLE": "false",
	}
}

// target is a fresh place in the bucket.
func (s *store) target(name string) string {
	return fmt.Sprintf("s3://%s@%s/%s/", bucket, region, name)
}

func (s *store) stop() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}
