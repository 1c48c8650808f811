package why

import (
	"context"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
)

// longhornDriver is the name of the CSI driver whose classes and resources the rules know.
const longhornDriver = "driver.longhorn.io"

// Containers by which the programs that have to run are found, wherever they run.
const (
	snapshotController = "snapshot-controller"
	snapshotter        = "csi-snapshotter"
	provisioner        = "csi-provisioner"
	attacher           = "csi-attacher"
	resizer            = "csi-resizer"
)

var programs = []string{snapshotController, snapshotter, provisioner, attacher, resizer}

// helpers are containers beside a driver whose logs tell nothing of volumes.
var helpers = []string{"registrar", "liveness", "pre-pull", "engine-image"}

// system is what has to run for storage to work, as far as it could be read.
type system struct {
	// pods are those of Longhorn's namespace and those with a sidecar's container.
	pods []corev1.Pod
	// podsKnown says that pods are complete.
	podsKnown   bool
	deployments []appsv1.Deployment
	daemonSets  []appsv1.DaemonSet
	// drivers are the names of the CSI drivers, nil when they could not be read.
	drivers []string
}

// systemNow reads the system once.
func (l *looker) systemNow(ctx context.Context) *system {
	if l.system != nil {
		return l.system
	}
	s := &system{}
	l.system = s
	var pods corev1.PodList
	s.podsKnown = l.list(ctx, "pods of all namespaces", &pods)
	if !s.podsKnown { // somebody who may see only some
		l.list(ctx, "pods of "+longhorn.Namespace, &pods, client.InNamespace(longhorn.Namespace))
	}
	for _, pod := range pods.Items {
		if pod.Namespace == longhorn.Namespace || slices.ContainsFunc(pod.Spec.Containers, isProgram) {
			s.pods = append(s.pods, pod)
		}
	}
	var deployments appsv1.DeploymentList
	l.list(ctx, "Deployments of all namespaces", &deployments)
	for _, deployment := range deployments.Items {
		if slices.ContainsFunc(deployment.Spec.Template.Spec.Containers, isProgram) {
			s.deployments = append(s.deployments, deployment)
		}
	}
	var daemonSets appsv1.DaemonSetList
	l.list(ctx, "DaemonSets of "+longhorn.Namespace, &daemonSets, client.InNamespace(longhorn.Namespace))
	s.daemonSets = daemonSets.Items
	var drivers storagev1.CSIDriverList
	if l.list(ctx, "CSIDrivers", &drivers) {
		s.drivers = []string{}
		for _, driver := range drivers.Items {
			s.drivers = append(s.drivers, driver.Name)
		}
	}
	return s
}

func isProgram(container corev1.Container) bool { return programOf(container.Name) != "" }

// programOf is the program that a container runs, "" for none: some distributions put their name before it.
func programOf(container string) string {
	i := slices.IndexFunc(programs, func(program string) bool { return strings.HasSuffix(container, program) })
	if i < 0 {
		return ""
	}
	return programs[i]
}

// knowsDriver is false when the cluster certainly has no CSI driver of that name.
func (s *system) knowsDriver(name string) bool {
	return s.drivers == nil || slices.Contains(s.drivers, name)
}

// steps describe what does not run as it should.
func (s *system) steps() []Step {
	var all []Step
	for _, deployment := range s.deployments {
		if want := replicas(&deployment); deployment.Status.AvailableReplicas < max(want, 1) {
			all = append(all, Step{"Deployment " + deployment.Namespace + "/" + deployment.Name, deploymentTrouble(&deployment)})
		}
	}
	for _, pod := range s.pods {
		for _, container := range pod.Spec.Containers {
			if trouble := containerTrouble(&pod, container.Name); trouble != "" {
				all = append(all, Step{"Pod " + pod.Namespace + "/" + pod.Name, trouble})
			}
		}
	}
	return all
}

// worker is a container whose log may tell of a volume.
type worker struct {
	pod       *corev1.Pod
	container string
}

// workers are the sidecars and the driver.
func (s *system) workers() []worker {
	var all []worker
	for i := range s.pods {
		pod := &s.pods[i]
		driver := pod.Namespace == longhorn.Namespace && (slices.ContainsFunc(pod.Spec.Containers, isProgram) || ownedBy(pod, "DaemonSet", ""))
		for _, container := range pod.Spec.Containers {
			if isProgram(container) || driver && !isHelper(container.Name) {
				all = append(all, worker{pod, container.Name})
			}
		}
	}
	return all
}
