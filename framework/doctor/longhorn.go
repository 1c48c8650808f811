package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/target"
)

// longhornChecks are about a Longhorn that is in the cluster.
var longhornChecks = []check{
	{"Longhorn", lookAtLonghorn}, {"Longhorn's sidecars", lookAtSidecars}, {"Longhorn's nodes", lookAtLonghornNodes},
	{"Longhorn's disks", lookAtDisks}, {"privileges", lookAtPodSecurity},
}

// kubernetesFor is the oldest Kubernetes, as its minor version, that Longhorn supports from a release on, newest first.
var kubernetesFor = []struct {
	since string
	minor int
}{{"1.8", 25}, {"1.0", 21}}

// lookAtLonghorn reads the release and compares it with the Kubernetes that it runs on.
func lookAtLonghorn(ctx context.Context, p Patient) ([]Finding, error) {
	version, err := target.InstalledLonghorn(ctx, p.Client)
	if apierrors.IsForbidden(err) {
		return nil, err
	}
	if err != nil {
		return []Finding{failure("install Longhorn, or leave out --driver", "%v", err)}, nil
	}
	server, err := p.Client.Core.Discovery().ServerVersion()
	if err != nil {
		return nil, err
	}
	if finding, old := tooOld(version.Contract(), server.GitVersion); old {
		return []Finding{finding}, nil
	}
	return []Finding{fine("%s, contract %s, on Kubernetes %s", version, version.Contract(), server.GitVersion)}, nil
}

// tooOld reports a Kubernetes that is older than the release supports.
func tooOld(contract, kubernetes string) (Finding, bool) {
	minor, known := release(kubernetes)
	of, told := release(contract)
	if !known || !told {
		return warning("compare Longhorn's documentation yourself", "it cannot be told whether Longhorn %s supports Kubernetes %s", contract, kubernetes), true
	}
	for _, need := range kubernetesFor {
		if since, _ := release(need.since); slices.Compare(of[:], since[:]) < 0 {
			continue
		}
		if minor[0] == 1 && minor[1] < need.minor {
			return failure("update Kubernetes, or take an older Longhorn", "Longhorn %s needs Kubernetes v1.%d or newer, this is %s", contract, need.minor, kubernetes), true
		}
		return Finding{}, false
	}
	return Finding{}, false
}

// sidecars are the Deployments of CSI sidecars that Longhorn makes, each named after its image.
var sidecars = []string{"csi-attacher", "csi-provisioner", "csi-resizer", "csi-snapshotter"}

// lookAtSidecars compares the sidecars with those of the release. Longhorn starts them with the flags that its own
// ones know: a newer one ends at once at a feature gate that was removed meanwhile.
func lookAtSidecars(ctx context.Context, p Patient) ([]Finding, error) {
	version, err := target.InstalledLonghorn(ctx, p.Client)
	if err != nil {
		return nil, err
	}
	released := version.Sidecars()
	if released == nil {
		return []Finding{fine("which sidecars %s was released with is not known: not compared", version)}, nil
	}
	var findings []Finding
	for _, name := range sidecars {
		running, err := images(ctx, p.Client, target.Namespace, name)
		if err != nil {
			return nil, err
		}
		if len(running) == 0 {
			findings = append(findings, failure("look at Deployment longhorn-driver-deployer, which makes it: kubectl -n longhorn-system logs deployment/longhorn-driver-deployer", "no pod has %s", name))
			continue
		}
		if finding := sidecarSkew(name, running[0], released[name], version.String()); finding.Level != Fine {
			findings = append(findings, finding)
		}
	}
	if len(findings) == 0 {
		findings = append(findings, fine("those that %s was released with", version))
	}
	return findings, nil
}

// sidecarSkew judges one sidecar beside the one that the release has.
func sidecarSkew(name string, running image, released, version string) Finding {
	have, knownHave := release(running.version)
	want, knownWant := release(released)
	variable := strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + "_IMAGE"
	remedy := fmt.Sprintf("set %s of Deployment longhorn-driver-deployer to %s, and load that image if there is no registry", variable, released)
	switch {
	case !knownHave || !knownWant:
		return warning("compare the releases yourself", "%s is %s, %s has %s: the tags do not tell the releases", name, running.version, version, released)
	case slices.Compare(have[:], want[:]) > 0 && !podReady(&running.pod):
		return failure(remedy, "%s %s is newer than %s of %s, and its pod is not ready (%s): it ends at a flag or feature gate of Longhorn's that it does not know any more", name, running.version, released, version, stateOf(&running.pod))
	case slices.Compare(have[:], want[:]) > 0:
		return warning(remedy, "%s %s is newer than %s of %s: Longhorn starts it with the flags of its own", name, running.version, released, version)
	case slices.Compare(have[:], want[:]) < 0:
		return warning(remedy, "%s %s is older than %s of %s", name, running.version, released, version)
	}
	return fine("%s %s", name, running.version)
}

// lookAtPodSecurity looks whether pods of Longhorn may be privileged, which nearly all of them are.
func lookAtPodSecurity(ctx context.Context, p Patient) ([]Finding, error) {
	namespace, err := p.Client.Core.CoreV1().Namespaces().Get(ctx, target.Namespace, metav1.GetOptions{})
	if apierrors.IsForbidden(err) {
		return []Finding{fine("not looked at: the account may not read namespaces")}, nil
	}
	if err != nil {
		return nil, err
	}
	return []Finding{podSecurity(namespace)}, nil
}

func podSecurity(namespace *corev1.Namespace) Finding {
	const label = "pod-security.kubernetes.io/enforce"
	if level := namespace.Labels[label]; level != "" && level != "privileged" {
		return failure(fmt.Sprintf("kubectl label namespace %s %s=privileged --overwrite", namespace.Name, label), "namespace %s admits %s pods only, and Longhorn's are privileged", namespace.Name, level)
	}
	return fine("pods of %s may be privileged", namespace.Name)
}
