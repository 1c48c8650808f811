package kind

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/kind/pkg/cluster/nodes"
	"sigs.k8s.io/kind/pkg/cluster/nodeutils"

	"github.com/muster-csi/muster/framework/cluster"
)

// loadAtOnce is how many archives are imported at the same time: an import reads,
// unpacks and writes by turns.
const loadAtOnce = 3

// fill loads all images and returns when the nodes are Ready and the DNS answers.
func (s *start) fill(ctx context.Context) error {
	client, err := cluster.Connect(s.layout.kubeconfig())
	if err != nil {
		return err
	}
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := s.loadAll(both); err != nil {
			return err
		}
		s.steps.Reached("images loaded")
		return nil
	})
	group.Go(func() error {
		if err := awaitNodes(both, client); err != nil {
			return err
		}
		s.steps.Reached("node Ready")
		if err := awaitDNS(both, client); err != nil {
			return err
		}
		s.steps.Reached("cluster DNS ready")
		return nil
	})
	return group.Wait()
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

// awaitNodes returns when every node is Ready.
func awaitNodes(ctx context.Context, client kubernetes.Interface) error {
	last := "no node has registered"
	err := wait.PollUntilContextCancel(ctx, lookEvery, true, func(ctx context.Context) (bool, error) {
		list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			last = err.Error()
			return false, nil
		}
		return len(list.Items) > 0 && allReady(list.Items, &last), nil
	})
	if err != nil {
		return fmt.Errorf("not all nodes became Ready: %s: %w", last, context.Cause(ctx))
	}
	return nil
}

func allReady(list []corev1.Node, last *string) bool {
	for _, node := range list {
		if ready, why := cluster.NodeReady(&node); !ready {
			*last = node.Name + ": " + why
			return false
		}
	}
	return true
}

// awaitDNS returns when the cluster's DNS answers.
func awaitDNS(ctx context.Context, client kubernetes.Interface) error {
	last := "there is no Deployment coredns"
	err := wait.PollUntilContextCancel(ctx, lookEvery, true, func(ctx context.Context) (bool, error) {
		d, err := client.AppsV1().Deployments("kube-system").Get(ctx, "coredns", metav1.GetOptions{})
		if err != nil {
			last = err.Error()
			return false, nil
		}
		last = fmt.Sprintf("%d pods, %d ready", d.Status.Replicas, d.Status.ReadyReplicas)
		return d.Status.ReadyReplicas > 0, nil
	})
	if err != nil {
		return fmt.Errorf("the cluster DNS did not become ready: %s: %w", last, context.Cause(ctx))
	}
	return nil
}
