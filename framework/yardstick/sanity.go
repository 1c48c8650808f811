package yardstick

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/muster-csi/muster/fixtures/yardsticks"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/framework/timeouts"
)

const (
	// sanityFolder has the pod, and is also its name and that of its container.
	sanityFolder    = "csi-sanity"
	sanityNamespace = "muster-csi-sanity"
	// sanityResult is where the program writes its result in the pod.
	sanityResult = "/result/" + resultFile
)

// runSanity runs csi-sanity in a pod on the node, where the driver's sockets are,
// and removes the pod with its namespace.
func runSanity(ctx context.Context, d Definition, s Setting, dir string) (err error) {
	c := s.Cluster.Kube
	sockets, err := s.Cluster.Target.Sockets(ctx)
	if err != nil {
		return err
	}
	objects, err := sanityObjects(ctx, sockets.Node)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeNamespace(ctx, c, sanityNamespace)) }()
	if err := c.Apply(ctx, objects...); err != nil {
		return err
	}
	if err := c.PodReady(ctx, sanityNamespace, sanityFolder, timeouts.PodReady); err != nil {
		return err
	}
	output, failed := c.Exec(ctx, sanityNamespace, sanityFolder, sanityFolder, sanityCommand(d, sockets)...)
	if err := os.WriteFile(filepath.Join(dir, outputFile), output, 0o644); err != nil {
		return fmt.Errorf("keep what csi-sanity printed: %w", err)
	}
	var exit *kube.ExitError
	if failed != nil && !errors.As(failed, &exit) {
		return failed
	}
	result, err := c.Exec(ctx, sanityNamespace, sanityFolder, sanityFolder, "cat", sanityResult)
	if err != nil {
		return fmt.Errorf("csi-sanity ended without a result: %w", errors.Join(failed, err))
	}
	if err := os.WriteFile(filepath.Join(dir, resultFile), result, 0o644); err != nil {
		return fmt.Errorf("keep the result of csi-sanity: %w", err)
	}
	return nil
}

// sanityCommand is what is run in the pod.
func sanityCommand(d Definition, sockets target.Sockets) []string {
	command := []string{d.Program, "--ginkgo.no-color", "--ginkgo.v", "--ginkgo.silence-skips",
		"--ginkgo.timeout=" + timeouts.Yardstick.String(), "--ginkgo.json-report=" + sanityResult,
		"--csi.endpoint=unix://" + path.Join(sockets.Dir, sockets.NodePart),
		"--csi.controllerendpoint=unix://" + path.Join(sockets.Dir, sockets.Controller)}
	return slices.Concat(command, d.Arguments, d.flags("--ginkgo."))
}

// sanityObjects are the namespace, the parameters and the pod, on that node.
func sanityObjects(ctx context.Context, node string) ([]*unstructured.Unstructured, error) {
	objects, err := kube.Decode(ctx, yardsticks.Files, sanityFolder)
	if err != nil {
		return nil, err
	}
	for _, object := range objects {
		if object.GetKind() != "Pod" {
			continue
		}
		if err := unstructured.SetNestedField(object.Object, node, "spec", "nodeName"); err != nil {
			return nil, fmt.Errorf("put the pod of csi-sanity on node %s: %w", node, err)
		}
	}
	return objects, nil
}

// removeNamespace deletes a namespace and waits until it is gone, also when ctx has ended.
func removeNamespace(ctx context.Context, c *kube.Client, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeouts.YardstickEnd)
	defer cancel()
	if err := c.Core.CoreV1().Namespaces().Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		return fmt.Errorf("remove namespace %s: %w", name, err)
	}
	_, err := kube.Until(ctx, c, kube.Ref{Resource: kube.Namespaces, Name: name}, timeouts.PodGone, "be gone",
		func(namespace *corev1.Namespace) (bool, string, error) {
			return namespace == nil, "it is being removed", nil
		})
	return err
}
