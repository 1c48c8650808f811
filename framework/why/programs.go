package why

import (
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/longhorn"
)

// stopped says why a program does not run, "" when it does or when that cannot be told.
func (s *system) stopped(program string) string {
	var why []string
	for _, pod := range s.pods {
		for _, container := range pod.Spec.Containers {
			if programOf(container.Name) != program {
				continue
			}
			trouble := containerTrouble(&pod, container.Name)
			if trouble == "" {
				return ""
			}
			why = append(why, trouble)
		}
	}
	if len(why) > 0 {
		return fmt.Sprintf("%s does not run: %s", program, why[0])
	}
	for _, deployment := range s.deployments {
		of := func(container corev1.Container) bool { return programOf(container.Name) == program }
		if !slices.ContainsFunc(deployment.Spec.Template.Spec.Containers, of) {
			continue
		}
		return fmt.Sprintf("%s does not run: %s", program, deploymentTrouble(&deployment))
	}
	return ""
}

// nowhere reports that no pod of the cluster runs the program and none is meant to.
func (s *system) nowhere(program string) bool {
	of := func(container corev1.Container) bool { return programOf(container.Name) == program }
	return s.podsKnown && !slices.ContainsFunc(s.pods, func(pod corev1.Pod) bool { return slices.ContainsFunc(pod.Spec.Containers, of) }) &&
		!slices.ContainsFunc(s.deployments, func(d appsv1.Deployment) bool { return slices.ContainsFunc(d.Spec.Template.Spec.Containers, of) })
}

// driverStopped says why the driver does not run on any node, or not beside its sidecars, "" when it does.
func (s *system) driverStopped() string {
	for _, set := range s.daemonSets {
		status := set.Status
		switch {
		case isHelper(set.Name):
		case status.DesiredNumberScheduled == 0:
			return fmt.Sprintf("DaemonSet %s/%s has no node to run on: correct its node selector", set.Namespace, set.Name)
		case status.NumberAvailable == 0:
			return fmt.Sprintf("DaemonSet %s/%s runs on 0 of %d nodes%s", set.Namespace, set.Name, status.DesiredNumberScheduled, s.firstTrouble(set.Name))
		}
	}
	for _, pod := range s.pods {
		if !slices.ContainsFunc(pod.Spec.Containers, isProgram) || pod.Namespace != longhorn.Namespace {
			continue
		}
		for _, container := range pod.Spec.Containers {
			if trouble := containerTrouble(&pod, container.Name); trouble != "" && !isHelper(container.Name) && !isProgram(container) {
				return "the driver does not run: " + trouble
			}
		}
	}
	return ""
}

// firstTrouble is what a pod of a DaemonSet suffers from, for the end of a clause.
func (s *system) firstTrouble(set string) string {
	for _, pod := range s.pods {
		if !ownedBy(&pod, "DaemonSet", set) {
			continue
		}
		for _, container := range pod.Spec.Containers {
			if trouble := containerTrouble(&pod, container.Name); trouble != "" {
				return ": " + trouble
			}
		}
	}
	return ""
}

// ailing names a container of storage that does not run although others do, "" when all is well.
func (s *system) ailing() string {
	for _, pod := range s.pods {
		for _, container := range pod.Spec.Containers {
			if trouble := containerTrouble(&pod, container.Name); trouble != "" {
				return trouble
			}
		}
	}
	return ""
}

func isHelper(name string) bool {
	return slices.ContainsFunc(helpers, func(helper string) bool { return strings.Contains(name, helper) })
}

// ownedBy reports whether a controller of the kind owns the pod; an empty name is any.
func ownedBy(pod *corev1.Pod, kind, name string) bool {
	return slices.ContainsFunc(pod.OwnerReferences, func(owner metav1.OwnerReference) bool {
		return owner.Kind == kind && (name == "" || owner.Name == name)
	})
}

func replicas(d *appsv1.Deployment) int32 {
	if d.Spec.Replicas == nil {
		return 1
	}
	return *d.Spec.Replicas
}

func deploymentTrouble(d *appsv1.Deployment) string {
	name := d.Namespace + "/" + d.Name
	if replicas(d) == 0 {
		return fmt.Sprintf("Deployment %s is scaled to 0: scale it up", name)
	}
	text := fmt.Sprintf("Deployment %s has %d of %d replicas available", name, d.Status.AvailableReplicas, replicas(d))
	for _, condition := range d.Status.Conditions {
		if condition.Type == appsv1.DeploymentReplicaFailure && condition.Status == corev1.ConditionTrue {
			text += ": " + condition.Message
		}
	}
	return text
}
