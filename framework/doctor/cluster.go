package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/access"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/workload"
)

func lookAtKubernetes(_ context.Context, p Patient) ([]Finding, error) {
	version, err := p.Client.Core.Discovery().ServerVersion()
	if err != nil {
		return nil, err
	}
	return []Finding{fine("%s on %s", version.GitVersion, version.Platform)}, nil
}

// shown is how many of several names a finding lists.
const shown = 6

func some(names []string) string {
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}

func lookAtRights(ctx context.Context, p Patient) ([]Finding, error) {
	missing, err := access.Missing(ctx, p.Client, p.Config.KeepSettings)
	if err != nil {
		return nil, err
	}
	if len(missing) == 0 {
		return []Finding{fine("the account may do what the specs do")}, nil
	}
	return []Finding{failure("bind the roles that muster rbac prints to the account of the kubeconfig", "the account may not %s", some(missing))}, nil
}

// lookAtNodes sums up the nodes that could run test pods, and names what is wrong with others.
func lookAtNodes(ctx context.Context, p Patient) ([]Finding, error) {
	nodes, err := p.Client.Core.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var findings []Finding
	var usable []string
	for _, node := range nodes.Items {
		if problem := problemOf(&node); problem != "" {
			findings = append(findings, warning("repair the node, or take it out of the cluster", "%s: %s", node.Name, problem))
			continue
		}
		info := node.Status.NodeInfo
		usable = append(usable, fmt.Sprintf("%s (kernel %s, %s, %s)", node.Name, info.KernelVersion, info.ContainerRuntimeVersion, info.Architecture))
	}
	if len(usable) == 0 {
		return append(findings, failure("get a Linux node Ready that takes pods", "none of %d nodes can run test pods", len(nodes.Items))), nil
	}
	return append([]Finding{fine("%s", some(usable))}, findings...), nil
}

// problemOf says why a node cannot run test pods as it should, "" when it can.
func problemOf(node *corev1.Node) string {
	if system := node.Status.NodeInfo.OperatingSystem; system != "" && system != "linux" {
		return "its operating system is " + system
	}
	for _, condition := range node.Status.Conditions {
		switch {
		case condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue:
			return "it is not Ready: " + condition.Message
		case condition.Type != corev1.NodeReady && condition.Status == corev1.ConditionTrue:
			return fmt.Sprintf("it has %s: %s", condition.Type, condition.Message)
		}
	}
	if node.Spec.Unschedulable {
		return "it takes no pods (cordoned)"
	}
	return ""
}

// listed is how many images a kubelet lists unless it is told otherwise (nodeStatusMaxImages).
const listed = 50

// lookAtImages looks whether nodes have the image of test pods when there is no registry to pull it from.
func lookAtImages(ctx context.Context, p Patient) ([]Finding, error) {
	making := p.Client.Making
	making.Registry = p.Config.Registry
	image, policy := making.Image(workload.Image)
	if policy != corev1.PullNever {
		return []Finding{fine("nodes pull %s", image)}, nil
	}
	const remedy = "load the image into the nodes' container runtime, or push it to a registry and name that in the configuration (registry:); docs/existing.md says how"
	nodes, err := p.Client.Core.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var without, unsure []string
	for _, node := range nodes.Items {
		has := slices.ContainsFunc(node.Status.Images, func(of corev1.ContainerImage) bool { return slices.Contains(of.Names, image) })
		switch {
		case has || problemOf(&node) != "":
		case len(node.Status.Images) >= listed:
			unsure = append(unsure, node.Name)
		default:
			without = append(without, node.Name)
		}
	}
	switch {
	case len(without) > 0:
		return []Finding{failure(remedy, "%s is not on %s", image, some(without))}, nil
	case len(unsure) > 0:
		return []Finding{warning(remedy, "%s lists only its largest images: whether %s is there cannot be seen", some(unsure), image)}, nil
	}
	return []Finding{fine("%s is on every node", image)}, nil
}

// lookAtRuns tells of what killed runs have left.
func lookAtRuns(ctx context.Context, p Patient) ([]Finding, error) {
	namespaces, err := p.Client.Core.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: runid.Label})
	if apierrors.IsForbidden(err) {
		return []Finding{fine("not looked at")}, nil
	}
	if err != nil {
		return nil, err
	}
	runs := map[string]int{}
	for _, namespace := range namespaces.Items {
		if id := runid.Of(&namespace); id != p.Client.Run {
			runs[id]++
		}
	}
	var findings []Finding
	for id, number := range runs {
		findings = append(findings, warning("when it does not run any more: muster clean --run "+id, "run %s has %d namespaces here", id, number))
	}
	if len(findings) == 0 {
		return []Finding{fine("none has anything here")}, nil
	}
	slices.SortFunc(findings, func(a, b Finding) int { return strings.Compare(a.Seen, b.Seen) })
	return findings, nil
}
