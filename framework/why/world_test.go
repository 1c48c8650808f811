package why

import (
	"strings"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
)

// world is a cluster in which all is well: a claim with a snapshot, a backup and an image
// of it, a claim restored from each way's snapshot, and a pod. Tests break one thing in it.
type world struct {
	storageClass *storagev1.StorageClass
	driver       *storagev1.CSIDriver
	source       *corev1.PersistentVolumeClaim
	sourcePV     *corev1.PersistentVolume
	volume       *longhornv1beta2.Volume

	class    *snapshotv1.VolumeSnapshotClass
	snapshot *snapshotv1.VolumeSnapshot
	content  *snapshotv1.VolumeSnapshotContent
	cut      *longhornv1beta2.Snapshot
	backup   *longhornv1beta2.Backup
	target   *longhornv1beta2.BackupTarget
	image    *longhornv1beta2.BackingImage

	restored   *corev1.PersistentVolumeClaim
	restoredPV *corev1.PersistentVolume
	copied     *longhornv1beta2.Volume
	pod        *corev1.Pod
	attachment *storagev1.VolumeAttachment
	node       *storagev1.CSINode

	controller  *corev1.Pod
	sidecars    *corev1.Pod
	plugin      *corev1.Pod
	deployment  *appsv1.Deployment
	controllers *appsv1.Deployment
	daemonSet   *appsv1.DaemonSet

	events []*corev1.Event
	// without are objects that do not exist.
	without []client.Object
}

const (
	uid          = "8f0c0a6e-6d7e-4b1c-9c0e-6f1d1b1d2a44"
	csiName      = "snapshot-" + uid
	volumeName   = "pvc-11111111-1111-1111-1111-111111111111"
	restoredName = "pvc-22222222-2222-2222-2222-222222222222"
)

func meta(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(name + "-uid"), ResourceVersion: "1"}
}

func claimOf(name, volume, size string) *corev1.PersistentVolumeClaim {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: meta("shop", name), Spec: corev1.PersistentVolumeClaimSpec{
		StorageClassName: ptr.To("longhorn"), VolumeName: volume,
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}},
	}, Status: corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimBound}}
	claim.UID = types.UID(strings.TrimPrefix(volume, "pvc-"))
	return claim
}

func pvOf(name string) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{ObjectMeta: meta("", name), Spec: corev1.PersistentVolumeSpec{PersistentVolumeSource: corev1.PersistentVolumeSource{
		CSI: &corev1.CSIPersistentVolumeSource{Driver: longhornDriver, VolumeHandle: name},
	}}}
}

func volumeOf(name string) *longhornv1beta2.Volume {
	return &longhornv1beta2.Volume{ObjectMeta: meta(longhorn.Namespace, name), Spec: longhornv1beta2.VolumeSpec{Size: 64 << 20},
		Status: longhornv1beta2.VolumeStatus{State: longhornv1beta2.VolumeStateAttached, Robustness: longhornv1beta2.VolumeRobustnessHealthy}}
}

// systemPod is a running pod of storage.
func systemPod(namespace, name, ownerKind, owner string, containers ...string) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: meta(namespace, name), Status: corev1.PodStatus{Phase: corev1.PodRunning}}
	pod.OwnerReferences = []metav1.OwnerReference{{Kind: ownerKind, Name: owner}}
	for _, container := range containers {
		pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: container})
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: container, Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}})
	}
	return pod
}

func deploymentOf(pod *corev1.Pod, name string) *appsv1.Deployment {
	return &appsv1.Deployment{ObjectMeta: meta(pod.Namespace, name), Spec: appsv1.DeploymentSpec{
		Replicas: ptr.To(int32(1)), Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: pod.Spec.Containers}},
	}, Status: appsv1.DeploymentStatus{AvailableReplicas: 1}}
}

// newWorld is a world with a snapshot of type snap. Call bak or bi for another.
func newWorld() *world {
	w := &world{
		storageClass: &storagev1.StorageClass{ObjectMeta: meta("", "longhorn"), Provisioner: longhornDriver},
		driver:       &storagev1.CSIDriver{ObjectMeta: meta("", longhornDriver)},
		source:       claimOf("data", volumeName, "64Mi"), sourcePV: pvOf(volumeName), volume: volumeOf(volumeName),
		restored: claimOf("restored", restoredName, "64Mi"), restoredPV: pvOf(restoredName), copied: volumeOf(restoredName),
		class: &snapshotv1.VolumeSnapshotClass{ObjectMeta: meta("", "snaps"), Driver: longhornDriver,
			DeletionPolicy: snapshotv1.VolumeSnapshotContentDelete, Parameters: map[string]string{"type": "snap"}},
		cut: &longhornv1beta2.Snapshot{ObjectMeta: meta(longhorn.Namespace, csiName), Spec: longhornv1beta2.SnapshotSpec{Volume: volumeName},
			Status: longhornv1beta2.SnapshotStatus{ReadyToUse: true}},
		target: &longhornv1beta2.BackupTarget{ObjectMeta: meta(longhorn.Namespace, "default"),
			Spec: longhornv1beta2.BackupTargetSpec{BackupTargetURL: "s3://bucket@us-east-1/"}, Status: longhornv1beta2.BackupTargetStatus{Available: true}},
		controller: systemPod("kube-system", "snapshot-controller-0", "ReplicaSet", "snapshot-controller-1", snapshotController),
		sidecars:   systemPod(longhorn.Namespace, "controller-0", "ReplicaSet", "controller-1", "the-driver", provisioner, attacher, snapshotter),
		plugin:     systemPod(longhorn.Namespace, "plugin-0", "DaemonSet", "plugin", "node-driver-registrar", "the-driver"),
	}
	w.snapshot = &snapshotv1.VolumeSnapshot{ObjectMeta: meta("shop", "nightly"), Spec: snapshotv1.VolumeSnapshotSpec{
		Source: snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: ptr.To("data")}, VolumeSnapshotClassName: ptr.To("snaps"),
	}, Status: &snapshotv1.VolumeSnapshotStatus{ReadyToUse: ptr.To(true), BoundVolumeSnapshotContentName: ptr.To("snapcontent-" + uid),
		RestoreSize: ptr.To(resource.MustParse("64Mi"))}}
	w.snapshot.UID = uid
	w.content = &snapshotv1.VolumeSnapshotContent{ObjectMeta: meta("", "snapcontent-"+uid), Spec: snapshotv1.VolumeSnapshotContentSpec{
		Driver: longhornDriver, VolumeSnapshotClassName: ptr.To("snaps"), Source: snapshotv1.VolumeSnapshotContentSource{VolumeHandle: ptr.To(volumeName)},
		VolumeSnapshotRef: corev1.ObjectReference{Namespace: "shop", Name: "nightly", UID: uid},
	}, Status: &snapshotv1.VolumeSnapshotContentStatus{ReadyToUse: ptr.To(true), SnapshotHandle: ptr.To("snap://" + volumeName + "/" + csiName)}}
	w.restored.Spec.DataSource = &corev1.TypedLocalObjectReference{APIGroup: ptr.To("snapshot.storage.k8s.io"), Kind: "VolumeSnapshot", Name: "nightly"}
	w.copied.Spec.DataSource = "snap://" + volumeName + "/" + csiName
	w.copied.Status.CloneStatus.State = longhornv1beta2.VolumeCloneStateCompleted
	w.pod = systemPod("shop", "web", "", "", "web")
	w.pod.Spec.NodeName = "node-1"
	w.pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	w.pod.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "restored"}}}}
	w.attachment = &storagev1.VolumeAttachment{ObjectMeta: meta("", "csi-1"), Spec: storagev1.VolumeAttachmentSpec{
		Attacher: longhornDriver, NodeName: "node-1", Source: storagev1.VolumeAttachmentSource{PersistentVolumeName: ptr.To(restoredName)},
	}, Status: storagev1.VolumeAttachmentStatus{Attached: true}}
	w.node = &storagev1.CSINode{ObjectMeta: meta("", "node-1"), Spec: storagev1.CSINodeSpec{Drivers: []storagev1.CSINodeDriver{{Name: longhornDriver, NodeID: "node-1"}}}}
	w.deployment, w.controllers = deploymentOf(w.sidecars, "controller"), deploymentOf(w.controller, "snapshot-controller")
	w.daemonSet = &appsv1.DaemonSet{ObjectMeta: meta(longhorn.Namespace, "plugin"), Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 1, NumberAvailable: 1}}
	return w
}

// bak makes the snapshot a backup.
func (w *world) bak() {
	w.class.Parameters["type"] = "bak"
	w.backup = &longhornv1beta2.Backup{ObjectMeta: meta(longhorn.Namespace, "backup-1"), Spec: longhornv1beta2.BackupSpec{SnapshotName: csiName},
		Status: longhornv1beta2.BackupStatus{State: longhornv1beta2.BackupStateCompleted, VolumeName: volumeName}}
	w.content.Status.SnapshotHandle = ptr.To("bak://" + volumeName + "/backup-1")
}

// bi makes the snapshot a backing image, of the short name that Longhorn gives it.
func (w *world) bi() {
	w.class.Parameters["type"] = "bi"
	w.image = &longhornv1beta2.BackingImage{ObjectMeta: meta(longhorn.Namespace, csiName[:imagePrefix]+"-01234567"),
		Status: longhornv1beta2.BackingImageStatus{DiskFileStatusMap: map[string]*longhornv1beta2.BackingImageDiskFileStatus{
			"disk": {State: longhornv1beta2.BackingImageStateReady, Progress: 100}}}}
	w.content.Status.SnapshotHandle = ptr.To("bi://backing?backingImage=" + w.image.Name + "&backingImageDataSourceType=export-from-volume")
}

// unready makes the snapshot one that the driver has not answered for yet; an error may be empty.
func (w *world) unready(failure string) {
	w.snapshot.Status.ReadyToUse, w.content.Status.ReadyToUse = ptr.To(false), ptr.To(false)
	w.content.Status.SnapshotHandle = nil
	if failure != "" {
		w.content.Status.Error = &snapshotv1.VolumeSnapshotError{Message: ptr.To(failure)}
	}
}

// unbound makes the restored claim Pending, without a volume.
func (w *world) unbound() {
	w.restored.Status.Phase, w.restored.Spec.VolumeName = corev1.ClaimPending, ""
	w.without = append(w.without, w.restoredPV, w.copied, w.attachment)
}

// starting makes the pod one that has not started.
func (w *world) starting() {
	w.pod.Status.Phase = corev1.PodPending
	w.pod.Status.Conditions = nil
	w.pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "web", State: corev1.ContainerState{
		Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}}}
}

func (w *world) warn(object client.Object, reason, text string) {
	namespace := object.GetNamespace()
	if namespace == "" {
		namespace = corev1.NamespaceDefault
	}
	w.events = append(w.events, &corev1.Event{ObjectMeta: meta(namespace, strings.ToLower(reason)), Type: corev1.EventTypeWarning, Reason: reason, Message: text,
		InvolvedObject: corev1.ObjectReference{Name: object.GetName(), UID: object.GetUID()}})
}

// stop makes a container wait to be restarted.
func stop(pod *corev1.Pod, container string) {
	for i := range pod.Status.ContainerStatuses {
		if status := &pod.Status.ContainerStatuses[i]; status.Name == container {
			status.Ready, status.RestartCount = false, 7
			status.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
		}
	}
}
