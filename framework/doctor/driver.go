package doctor

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/internal/nearest"
)

const installDriver = "install the driver, name another with driver: in the configuration, or let the run bring the reference driver with --install reference"

func lookAtDriver(ctx context.Context, p Patient) ([]Finding, error) {
	storage := p.Client.Core.StorageV1()
	drivers, err := storage.CSIDrivers().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var names []string
	there := false
	for _, driver := range drivers.Items {
		names = append(names, driver.Name)
		there = there || driver.Name == p.Config.Driver
	}
	if !there {
		seen := fmt.Sprintf("the cluster has no CSIDriver %s", p.Config.Driver)
		if len(names) > 0 {
			seen += fmt.Sprintf("; did you mean %s? It has %s", nearest.Of(p.Config.Driver, names), some(names))
		}
		return []Finding{failure(installDriver, "%s", seen)}, nil
	}
	nodes, err := storage.CSINodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var with, without []string
	for _, node := range nodes.Items {
		if registered(&node, p.Config.Driver) {
			with = append(with, node.Name)
		} else {
			without = append(without, node.Name)
		}
	}
	if len(with) == 0 {
		return []Finding{failure("look at the driver's node pods and their node-driver-registrar", "%s is not registered on any node", p.Config.Driver)}, nil
	}
	findings := []Finding{fine("%s is registered on %s", p.Config.Driver, some(with))}
	if len(without) > 0 {
		findings = append(findings, warning("taint these nodes for the time of the run, or let the driver run there", "%s is not registered on %s: pods with volumes cannot run there", p.Config.Driver, some(without)))
	}
	return findings, nil
}

func registered(node *storagev1.CSINode, name string) bool {
	for _, driver := range node.Spec.Drivers {
		if driver.Name == name {
			return true
		}
	}
	return false
}

// lookForNoDriver makes sure that installing the reference driver replaces nothing.
func lookForNoDriver(ctx context.Context, p Patient) ([]Finding, error) {
	_, err := p.Client.Core.StorageV1().CSIDrivers().Get(ctx, target.DriverName, metav1.GetOptions{})
	if err == nil {
		return []Finding{failure("leave out --install, and the driver that is there is examined", "the cluster has a driver %s already", target.DriverName)}, nil
	}
	if !apierrors.IsNotFound(err) {
		return nil, err
	}
	if _, err := definition(ctx, p.Client, "volumes.longhorn.io"); err == nil {
		return []Finding{failure("remove Longhorn's kinds first, if nothing needs them", "the cluster has kinds of longhorn.io, of a Longhorn that is or was there")}, nil
	} else if !apierrors.IsNotFound(err) {
		return nil, err
	}
	return []Finding{fine("none of that name: the reference driver can be installed")}, nil
}

// lookAtPods looks whether the pods in the driver's namespace work.
func lookAtPods(ctx context.Context, p Patient) ([]Finding, error) {
	pods, err := p.Client.Core.CoreV1().Pods(target.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	if len(pods.Items) == 0 {
		return []Finding{failure(installDriver, "namespace %s has no pods", target.Namespace)}, nil
	}
	var sick []string
	for _, pod := range pods.Items {
		if pod.Status.Phase != corev1.PodSucceeded && pod.DeletionTimestamp == nil && !podReady(&pod) {
			sick = append(sick, pod.Name+" ("+stateOf(&pod)+")")
		}
	}
	if len(sick) > 0 {
		return []Finding{failure("kubectl describe and kubectl logs in "+target.Namespace+" say why", "not ready: %s", some(sick))}, nil
	}
	return []Finding{fine("%d pods of %s are ready", len(pods.Items), target.Namespace)}, nil
}

func podReady(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// stateOf says what a pod that is not ready is doing.
func stateOf(pod *corev1.Pod) string {
	for _, status := range pod.Status.ContainerStatuses {
		if waiting := status.State.Waiting; waiting != nil && waiting.Reason != "" {
			return status.Name + ": " + waiting.Reason
		}
	}
	return strings.ToLower(string(pod.Status.Phase))
}

func lookAtResources(_ context.Context, p Patient) ([]Finding, error) {
	served, err := p.Client.Serves(kube.BackupTargets.GroupVersion().WithKind("Volume"))
	if err == nil && !served {
		return []Finding{warning("nothing, if the driver is not Longhorn", "there are no resources of longhorn.io: specs that look at what the driver keeps there are skipped")}, nil
	}
	return []Finding{fine("longhorn.io/v1beta2 is served")}, err
}
