package shards

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/timeouts"
)

const (
	// container is the name of the pods' only container, program what runs in it.
	container = "suite"
	program   = "muster-suite"
	// configName is the ConfigMap of a run.
	configName = "muster-shards"
	// nobody is the user that the suite runs as: it needs the API server and nothing of the node.
	nobody = 65534
)

// configMap holds the configuration of the pods.
func (l *Launch) configMap() (*corev1.ConfigMap, error) {
	text, err := yaml.Marshal(l.Config)
	if err != nil {
		return nil, fmt.Errorf("encode the configuration of the shards: %w", err)
	}
	config := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: l.Namespace, Name: configName},
		Data:       map[string]string{"shards.yaml": string(text)},
	}
	l.Client.Mark(config)
	return config, nil
}

// job runs the phase's shards, one pod each. Nothing is tried again: a second pod would
// run specs twice. The failure of one pod is one of its index only: with a limit for the
// whole Job the others would be ended with it.
func (l *Launch) job(phase phase) *batchv1.Job {
	completions := int32(len(phase.shards))
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: l.Namespace, Name: phase.job},
		Spec: batchv1.JobSpec{
			CompletionMode: ptr.To(batchv1.IndexedCompletion), Completions: &completions, Parallelism: &completions,
			BackoffLimitPerIndex: ptr.To[int32](0), PodReplacementPolicy: ptr.To(batchv1.Failed),
			Template: corev1.PodTemplateSpec{Spec: l.podSpec(phase)},
		},
	}
	l.Client.Mark(job)
	l.Client.Mark(&job.Spec.Template)
	return job
}

// podSpec is what the strictest of Kubernetes' pod security standards lets in.
func (l *Launch) podSpec(phase phase) corev1.PodSpec {
	mounts := []corev1.VolumeMount{{Name: "config", MountPath: "/etc/muster", ReadOnly: true}, {Name: "work", MountPath: WorkDir}}
	environment := []corev1.EnvVar{{Name: "TMPDIR", Value: WorkDir}, {Name: "HOME", Value: WorkDir}}
	if phase.alone {
		environment = append(environment, corev1.EnvVar{Name: ShardVariable, Value: Alone})
	}
	return corev1.PodSpec{
		ServiceAccountName: l.Account, RestartPolicy: corev1.RestartPolicyNever,
		TerminationGracePeriodSeconds: ptr.To(int64(timeouts.ShardGrace.Seconds())),
		NodeSelector:                  map[string]string{corev1.LabelOSStable: "linux"},
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: ptr.To(true), RunAsUser: ptr.To[int64](nobody), RunAsGroup: ptr.To[int64](nobody), FSGroup: ptr.To[int64](nobody),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		TopologySpreadConstraints: []corev1.TopologySpreadConstraint{{
			MaxSkew: 1, TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.ScheduleAnyway,
			LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{batchv1.JobNameLabel: phase.job}},
		}},
		Containers: []corev1.Container{{
			Name: container, Image: l.Image, ImagePullPolicy: l.Pull,
			Command: []string{program, "run"}, Env: environment, VolumeMounts: mounts,
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("256Mi"),
			}},
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: ptr.To(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
		}},
		Volumes: []corev1.Volume{
			{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: configName}}}},
			{Name: "work", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
		},
	}
}
