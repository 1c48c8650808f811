//go:build linux

package supervisor

import (
	"context"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// importImages imports the archives that are not yet in containerd's root, and
// leaves a copy of that root for later clusters. It uses a containerd of its
// own that ends afterwards: a root can only be copied while none runs on it.
func (s *Supervisor) importImages(ctx context.Context) error {
	if len(s.spec.Images) == 0 {
		return nil
	}
	config, err := writeConfig("containerd-import.toml", containerdConfig(s.spec))
	if err != nil {
		return err
	}
	logFile := filepath.Join(logDir, "containerd-import.log")
	argv := []string{s.spec.Binaries["containerd"], "--config", config, "--log-level", "warn"}
	p, err := s.reaper.start("containerd for the import", argv, s.env, logFile)
	if err != nil {
		return err
	}
	if err := p.await(ctx, listening("unix", containerSock), logFile); err != nil {
		return err
	}
	// One after the other: unpacking is bound by the disk.
	for _, archive := range s.spec.Images {
		if err := s.ctr(ctx, "images", "import", "--local", archive); err != nil {
			return err
		}
	}
	if err := s.collectGarbage(ctx); err != nil {
		return err
	}
	if err := p.stop(ctx); err != nil {
		return err
	}
	if err := LinkTree(filepath.Join(stateMount, ContainerdDir), filepath.Join(stateMount, PreparedDir)); err != nil {
		return fmt.Errorf("keep the imported images for later clusters: %w", err)
	}
	return nil
}

// ctr runs containerd's client on the images of Kubernetes.
func (s *Supervisor) ctr(ctx context.Context, args ...string) error {
	argv := append([]string{s.spec.Binaries["ctr"], "--address", containerSock, "--namespace", "k8s.io"}, args...)
	return s.reaper.run(ctx, StepImages, argv, s.env)
}

// collectGarbage removes the layers of images that an import replaced, which
// would otherwise pile up from one prepared root to the next. The way to have
// containerd do it now is to remove an image; a second name will do.
func (s *Supervisor) collectGarbage(ctx context.Context) error {
	const second = "muster.local/collect-garbage:now"
	if err := s.ctr(ctx, "images", "tag", "--local", s.spec.PauseImage, second); err != nil {
		return err
	}
	return s.ctr(ctx, "images", "rm", "--sync", second)
}

// stop asks a process to end and returns when it has.
func (p *process) stop(ctx context.Context) error {
	if err := unix.Kill(p.pid, unix.SIGTERM); err != nil {
		return fmt.Errorf("stop %s: %w", p.name, err)
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop %s: %w", p.name, ctx.Err())
	}
}
