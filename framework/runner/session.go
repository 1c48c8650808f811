package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/internal/nfs4/mount"
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

	where    ClusterOptions
	provider cluster.Provider
	guard    *Guard
	// guest is set in a cluster that somebody else has made; provider is not.
	guest *guest
}

// Stage is told of each finished stage of the preparation.
type Stage func(name string, took time.Duration)

// Components builds what is missing, with progress to out. It refuses first
// what could not bring up such a cluster afterwards: building may take minutes.
func Components(ctx context.Context, root string, where ClusterOptions, out io.Writer, with ...string) (*components.Set, error) {
	provider, err := where.Provider()
	if err != nil {
		return nil, err
	}
	if err := provider.Check(ctx, where.Name, where.Reuse); err != nil {
		return nil, err
	}
	_, optional := provider.Needs()
	options := components.Options{Root: root, Progress: out, With: append(with, optional...)}
	return components.Ensure(ctx, options)
}

// Open brings up the cluster and the reference driver, which follows the contract of that
// Longhorn version. On an error nothing is left of what Open has begun.
func Open(ctx context.Context, where ClusterOptions, contract string, set *components.Set, out io.Writer, stage Stage) (*Session, error) {
	return openWith(ctx, where, set, out, stage, func(ctx context.Context, s *Session, set *components.Set, stage Stage) error {
		return s.installReference(ctx, contract, set, stage)
	})
}

// bring brings a driver into the cluster of a session, which it gives the target.
type bring func(ctx context.Context, s *Session, set *components.Set, stage Stage) error

func openWith(ctx context.Context, where ClusterOptions, set *components.Set, out io.Writer, stage Stage, driver bring) (*Session, error) {
	provider, err := where.Provider()
	if err != nil {
		return nil, err
	}
	info, err := provider.Up(ctx, cluster.Request{Name: where.Name, Reuse: where.Reuse, Set: set, Progress: out})
	if err != nil {
		return nil, err
	}
	session := &Session{Cluster: info, where: where, provider: provider}
	err = session.connect()
	if err == nil {
		err = driver(ctx, session, set, stage)
	}
	if err != nil {
		return nil, errors.Join(err, session.Close(ctx))
	}
	return session, nil
}

// connect starts the guard and finds the API server.
func (s *Session) connect() error {
	var err error
	if s.guard, err = NewGuard(s.where.Kind, s.Cluster.Name); err != nil {
		return err
	}
	if s.Cluster.Reused {
		s.guard.KeepCluster()
	}
	if s.REST, err = clientcmd.BuildConfigFromFlags("", s.Cluster.Kubeconfig); err != nil {
		return fmt.Errorf("read the kubeconfig of cluster %q: %w", s.Cluster.Name, err)
	}
	return nil
}

// installReference brings in the reference driver.
func (s *Session) installReference(ctx context.Context, contract string, set *components.Set, stage Stage) error {
	began := time.Now()
	if s.Cluster.Reused {
		if err := target.Renew(ctx, s.REST); err != nil {
			return err
		}
	}
	if err := target.InstallAddons(ctx, s.REST, set, contract); err != nil {
		return err
	}
	stage("driver, sidecars, MinIO", time.Since(began))
	s.Target = target.NewReference(s.REST, set, contract)
	return nil
}

// Provider names what brought up the cluster.
func (s *Session) Provider() string { return string(s.where.Kind.orDefault()) }

// nfsClient is what mounts NFS in the driver: this machine's kernel is that of the
// cluster's node, unless the cluster is somebody else's.
func (s *Session) nfsClient() string {
	switch {
	case s.guest != nil:
		return ""
	case mount.KernelMounts():
		return "kernel"
	}
	return "user space"
}

// ExportLogs copies the logs of the cluster's own parts into a directory. Those of a
// cluster of somebody else are not there to be read.
func (s *Session) ExportLogs(ctx context.Context, dir string) error {
	if s.guest != nil {
		return nil
	}
	return s.provider.ExportLogs(ctx, s.Cluster.Name, dir)
}

// Core returns a client for Kubernetes' own kinds.
func (s *Session) Core() (kubernetes.Interface, error) {
	client, err := kubernetes.NewForConfig(s.REST)
	if err != nil {
		return nil, fmt.Errorf("connect to cluster %q: %w", s.Cluster.Name, err)
	}
	return client, nil
}

// Close takes the cluster down, also when ctx has ended. One that was there before
// stays; from one of somebody else what the run has made is removed.
func (s *Session) Close(ctx context.Context) error {
	defer s.Keep()
	if s.guest != nil {
		return s.guest.leave(context.WithoutCancel(ctx))
	}
	if s.Cluster.Reused {
		return nil
	}
	err := s.provider.Down(context.WithoutCancel(ctx), s.Cluster.Name)
	if err != nil {
		return fmt.Errorf("take cluster %q down: %w", s.Cluster.Name, err)
	}
	return nil
}

// downCommand is what a person types to take the cluster down.
func (o ClusterOptions) downCommand() string {
	command := "bin/muster down --name " + o.Name
	if k := o.Kind.orDefault(); k != Embedded {
		command += " --cluster " + string(k)
	}
	return command
}

// Keep leaves the cluster to itself: it now outlives this process.
func (s *Session) Keep() {
	if s.guard != nil {
		s.guard.Release()
		s.guard = nil
	}
}
