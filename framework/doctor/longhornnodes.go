package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
)

// leastFree is the part of a disk that must be free, or Longhorn puts no volume there (its setting
// storage-minimal-available-percentage); below enoughFree it is close.
const (
	leastFree  = 0.25
	enoughFree = 0.35
)

var longhornNodes = longhornv1beta2.SchemeGroupVersion.WithResource("nodes")

// conditionRemedies are what to do when Longhorn finds that a node lacks something, by the condition that is false.
var conditionRemedies = map[string]string{
	longhornv1beta2.NodeConditionTypeReady:               "look at the pod of longhorn-manager on the node",
	longhornv1beta2.NodeConditionTypeSchedulable:         "kubectl uncordon the node, or allow scheduling on it in Longhorn",
	longhornv1beta2.NodeConditionTypeMountPropagation:    "let the container runtime share mounts: systemd's MountFlags of its unit must not be private or slave",
	longhornv1beta2.NodeConditionTypeRequiredPackages:    "install open-iscsi on the node and start iscsid (systemctl enable --now iscsid), or give it muster-iscsi (docs/iscsi.md)",
	longhornv1beta2.NodeConditionTypeKernelModulesLoaded: "modprobe iscsi_tcp and dm_crypt on the node; for a kernel without iSCSI there is muster-iscsi (docs/iscsi.md)",
	longhornv1beta2.NodeConditionTypeNFSClientInstalled:  "install nfs-common on the node, on a kernel with NFS 4.1 or newer, for RWX volumes and backups to NFS",
	longhornv1beta2.NodeConditionTypeMultipathd:          "stop multipathd, or let it ignore Longhorn's devices (blacklist in /etc/multipath.conf)",
}

// needed conditions are without which no volume works on the node; the others concern some features.
var neededConditions = []string{longhornv1beta2.NodeConditionTypeReady, longhornv1beta2.NodeConditionTypeMountPropagation}

// lookAtLonghornNodes reads what Longhorn itself has found about iSCSI, NFS and mounts of each node.
func lookAtLonghornNodes(ctx context.Context, p Patient) ([]Finding, error) {
	nodes, err := kube.List[longhornv1beta2.Node](ctx, p.Client, longhornNodes, longhorn.Namespace, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	if len(nodes) == 0 {
		return []Finding{failure("look at the pods of longhorn-manager", "Longhorn knows no node")}, nil
	}
	var findings []Finding
	var names []string
	for _, node := range nodes {
		names = append(names, node.Name)
		findings = append(findings, nodeFindings(&node)...)
	}
	if len(findings) == 0 {
		return []Finding{fine("%s: iSCSI, NFS client and mounts are as Longhorn wants them", some(names))}, nil
	}
	return findings, nil
}

func nodeFindings(node *longhornv1beta2.Node) []Finding {
	var findings []Finding
	for _, condition := range node.Status.Conditions {
		remedy, known := conditionRemedies[condition.Type]
		if !known || condition.Status != longhornv1beta2.ConditionStatusFalse {
			continue
		}
		level := warning
		if slices.Contains(neededConditions, condition.Type) {
			level = failure
		}
		findings = append(findings, level(remedy, "%s: %s is false: %s", node.Name, condition.Type, condition.Message))
	}
	return findings
}

// lookAtDisks looks whether Longhorn has a disk on which it puts volumes.
func lookAtDisks(ctx context.Context, p Patient) ([]Finding, error) {
	nodes, err := kube.List[longhornv1beta2.Node](ctx, p.Client, longhornNodes, longhorn.Namespace, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	return diskFindings(nodes), nil
}

func diskFindings(nodes []longhornv1beta2.Node) []Finding {
	var findings []Finding
	var usable []string
	for _, node := range nodes {
		for _, disk := range node.Status.DiskStatus {
			if disk == nil || disk.StorageMaximum == 0 {
				continue
			}
			free := float64(disk.StorageAvailable) / float64(disk.StorageMaximum)
			seen := fmt.Sprintf("%s %s: %.0f GiB of %.0f are free", node.Name, disk.DiskPath, gib(disk.StorageAvailable), gib(disk.StorageMaximum))
			switch {
			case free < leastFree:
				findings = append(findings, warning("free some of it", "%s, less than the %.0f %% below which Longhorn puts no volume there", seen, 100*leastFree))
				continue
			case free < enoughFree:
				findings = append(findings, warning("free some of it", "%s, close to the %.0f %% below which Longhorn puts no volume there", seen, 100*leastFree))
			}
			usable = append(usable, seen)
		}
	}
	if len(usable) == 0 {
		return append(findings, failure("free disk below /var/lib/longhorn, or give Longhorn another disk", "Longhorn has no disk for volumes"))
	}
	if len(findings) == 0 {
		findings = append(findings, fine("%s", strings.Join(usable, ", ")))
	}
	return findings
}

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }
