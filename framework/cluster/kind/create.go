package kind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	kindcluster "sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/exec"
)

// library is kind, which says nothing by itself: what is of interest is an error.
func library() *kindcluster.Provider {
	return kindcluster.NewProvider(kindcluster.ProviderWithDocker())
}

// image returns the node image, which is in the engine or can be pulled by it, and
// whether it is of our own making.
func (s *start) image(ctx context.Context) (ref string, own bool, err error) {
	if s.NodeImage != LocalImage {
		return s.NodeImage, false, nil
	}
	node := s.Set.NodeImage()
	if _, err := docker(ctx, nil, "image", "inspect", node.Ref); err == nil {
		return node.Ref, true, nil
	}
	archive, err := os.Open(node.Tar)
	if err != nil {
		return "", false, fmt.Errorf("read the node image: %w", err)
	}
	defer archive.Close()
	if _, err := docker(ctx, archive, "load"); err != nil {
		return "", false, fmt.Errorf("load the node image into the engine: %w", err)
	}
	s.steps.Reached("node image loaded")
	s.forget(ctx, node.Ref)
	return node.Ref, true, nil
}

// forget removes earlier builds of the node image from the engine; those that
// containers use stay, and so does nothing depend on it.
func (s *start) forget(ctx context.Context, ref string) {
	name, _, _ := strings.Cut(ref, ":")
	list, err := docker(ctx, nil, "image", "ls", "--format={{.Repository}}:{{.Tag}}", name)
	if err != nil {
		return
	}
	for _, old := range strings.Fields(list) {
		if old != ref {
			_, _ = docker(ctx, nil, "image", "rm", old)
		}
	}
}

// create makes the nodes and starts Kubernetes in them. kind knows no context: when
// ctx ends the nodes are taken from under it, so that it ends too.
func (s *start) create(ctx context.Context, image string, own bool) error {
	settings, err := readSettings(s.File)
	if err != nil {
		return err
	}
	adapt(settings, thisHost(), own)
	done := make(chan error, 1)
	go func() {
		done <- s.kind.Create(s.Name,
			kindcluster.CreateWithV1Alpha4Config(settings),
			kindcluster.CreateWithNodeImage(image),
			kindcluster.CreateWithKubeconfigPath(s.layout.kubeconfig()),
			// What is left on an error is looked at for its cause, then removed.
			kindcluster.CreateWithRetain(true))
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		err = errors.Join(context.Cause(ctx), removeNodes(context.WithoutCancel(ctx), s.Name))
		<-done
		return err
	}
	if err != nil {
		return explain(s.Name, err)
	}
	return nil
}

// causeLines is how much of what failed an error quotes.
const causeLines = 15

// explain makes an error of kind a sentence with the end of what it had run.
func explain(name string, err error) error {
	said := ""
	if run := exec.RunErrorForError(err); run != nil {
		lines := strings.Split(strings.TrimSpace(string(run.Output)), "\n")
		said = ":\n    " + strings.Join(lines[max(0, len(lines)-causeLines):], "\n    ")
	}
	if strings.Contains(err.Error(), "failed to pull image") {
		return fmt.Errorf("the node image of cluster %q cannot be pulled; where there is no registry, build one: make node-image, then NODE_IMAGE=local (%w)%s", name, err, said)
	}
	return fmt.Errorf("bring up kind cluster %q: %w%s", name, err, said)
}
