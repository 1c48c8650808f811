package kind

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"
)

// loadAtOnce is how many archives are imported at the same time: an import reads,
// unpacks and writes by turns.
const loadAtOnce = 3

// LoadImage loads an image of the engine into every node.
func (p *Provider) LoadImage(ctx context.Context, image string, _ ...string) error {
	archive, remove, err := saved(ctx, image)
	if err != nil {
		return err
	}
	defer remove()
	return p.LoadImageArchive(ctx, archive)
}

// LoadImageArchive imports a docker or OCI archive into every node.
func (p *Provider) LoadImageArchive(_ context.Context, archive string, _ ...string) error {
	members, err := library().ListInternalNodes(p.cfg.Name)
	if err == nil && len(members) == 0 {
		err = errors.New("it is not running")
	}
	if err != nil {
		return fmt.Errorf("import %s into kind cluster %q: %w", archive, p.cfg.Name, err)
	}
	for _, node := range members {
		if err := loadArchive(node, archive); err != nil {
			return err
		}
	}
	return nil
}

// loadAll imports every image of the set into every node.
func (s *start) loadAll(ctx context.Context) error {
	members, err := s.kind.ListInternalNodes(s.Name)
	if err != nil {
		return fmt.Errorf("list the nodes of cluster %q: %w", s.Name, err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(loadAtOnce)
	for _, image := range s.Set.Images() {
		for _, node := range members {
			group.Go(func() error {
				if err := ctx.Err(); err != nil {
					return context.Cause(ctx)
				}
				return loadArchive(node, image.Tar)
			})
		}
	}
	return group.Wait()
}

// loadArchive imports one docker or OCI archive into one node.
func loadArchive(node nodes.Node, path string) error {
	archive, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("import an image: %w", err)
	}
	defer archive.Close()
	if err := nodeutils.LoadImageArchive(node, archive); err != nil {
		return fmt.Errorf("import %s into node %s: %w", path, node, err)
	}
	return nil
}

// saved writes an image of the engine to a file, which remove removes.
func saved(ctx context.Context, image string) (archive string, remove func(), err error) {
	file, err := os.CreateTemp("", "muster-image-*.tar")
	if err != nil {
		return "", nil, fmt.Errorf("save image %s: %w", image, err)
	}
	file.Close()
	if _, err := docker(ctx, nil, "save", "--output", file.Name(), image); err != nil {
		os.Remove(file.Name())
		return "", nil, fmt.Errorf("save image %s: %w", image, err)
	}
	return file.Name(), func() { os.Remove(file.Name()) }, nil
}
