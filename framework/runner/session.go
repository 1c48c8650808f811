package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded"
	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/target"
)

// Session is a cluster of its own with the driver and everything around it.
// It ends with this process, however this process ends, unless it is kept.
type Session struct {
	// Cluster says where it is.
	Cluster *cluster.Info
	// REST reaches its API server with all rights.
	REST *rest.Config
	// Target is the driver in it.
	Target target.Target

	guard *Guard
}

// Stage is told of each finished stage of the preparation.
type Stage func(name string, took time.Duration)

// Components builds what is missing, with progress to out. It refuses first
// what could not bring up a cluster of that name afterwards: building may take
// minutes.
func Components(ctx context.Context, root, name string, out io.Writer, with ...string) (*components.Set, error) {
	err := embedded.Check(name)
	if errors.Is(err, embedded.ErrRunning) {
		return nil, fmt.Errorf("%w; if an earlier run kept it: bin/muster down --name %s", err, name)
	}
	if err != nil {
		return nil, err
	}
	options := components.Options{Root: root, Progress: out, With: with}
	if mountsNFS() {
		options.With = append(options.With, "muster-nfs")
	}
	return components.Ensure(ctx, options)
}

// mountsNFS reports whether this machine's kernel, which is that of the
// cluster's node, can mount NFS version 4.
func mountsNFS() bool {
	text, err := os.ReadFile("/proc/filesystems")
	return err == nil && slices.Contains(strings.Fields(string(text)), "nfs4")
}

// Open brings up the cluster and the driver, which follows the contract of that
// Longhorn version. On an error nothing is left.
func Open(ctx context.Context, name, contract string, set *components.Set, out io.Writer, stage Stage) (*Session, error) {
	info, err := embedded.Up(ctx, embedded.Config{Name: name, Set: set, Progress: out})
	if err != nil {
		return nil, err
	}
	session := &Session{Cluster: info}
	if err := session.install(ctx, contract, set, stage); err != nil {
		return nil, errors.Join(err, session.Close(ctx))
	}
	return session, nil
}

// install starts the guard, connects and brings in the driver.
func (s *Session) install(ctx context.Context, contract string, set *components.Set, stage Stage) error {
	var err error
	if s.guard, err = NewGuard(s.Cluster.Name); err != nil {
		return err
	}
	if s.REST, err = clientcmd.BuildConfigFromFlags("", s.Cluster.Kubeconfig); err != nil {
		return fmt.Errorf("read the kubeconfig of cluster %q: %w", s.Cluster.Name, err)
	}
	began := time.Now()
	if err := target.InstallAddons(ctx, s.REST, set, contract); err != nil {
		return err
	}
	stage("driver, sidecars, MinIO", time.Since(began))
	s.Target = target.NewReference(s.REST, set, contract)
	return nil
}

// Provider names what brought up the cluster.
func (s *Session) Provider() string { return "embedded" }

// Core returns a client for Kubernetes' own kinds.
func (s *Session) Core() (kubernetes.Interface, error) {
	client, err := kubernetes.NewForConfig(s.REST)
	if err != nil {
		return nil, fmt.Errorf("connect to cluster %q: %w", s.Cluster.Name, err)
	}
	return client, nil
}

// Close takes the cluster down, also when ctx has ended.
func (s *Session) Close(ctx context.Context) error {
	err := embedded.Down(context.WithoutCancel(ctx), s.Cluster.Name)
	s.Keep()
	if err != nil {
		return fmt.Errorf("take cluster %q down: %w", s.Cluster.Name, err)
	}
	return nil
}

// Keep leaves the cluster to itself: it now outlives this process.
func (s *Session) Keep() {
	if s.guard != nil {
		s.guard.Release()
		s.guard = nil
	}
}
