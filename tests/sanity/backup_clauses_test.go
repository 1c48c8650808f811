package sanity

import (
	"context"
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
)

// backupThatIsRefused: a standby volume, then one whose target has no URL. Neither leaves a snapshot.
func (s stateTest) backupThatIsRefused(t *testing.T) {
	volume := s.createVolume(t, "unbacked", nil)
	request := &csi.CreateSnapshotRequest{Name: "unbacked", SourceVolumeId: volume, Parameters: map[string]string{"type": "bak"}}
	s.patch(t, volume, `{"spec":{"Standby":true}}`)
	_, err := s.csi.CreateSnapshot(t.Context(), request)
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "failed to create backup for standby volume") {
		t.Errorf("of a standby volume: %v", err)
	}
	s.patch(t, volume, `{"spec":{"Standby":false}}`)
	_, err = s.csi.CreateSnapshot(t.Context(), request)
	if status.Code(err) != codes.Aborted || !strings.Contains(err.Error(), "backup target default is not available") {
		t.Errorf("without a target: %v", err)
	}
	if err := s.objects.Get(t.Context(), key("unbacked"), &longhorn.Snapshot{}); !apierrors.IsNotFound(err) {
		t.Errorf("a snapshot was made all the same (%v)", err)
	}
}

// roleOfTarget: the IAM role in a target's secret is shown on the driver's pods, from
// where kube2iam and the like take it, and goes with the target's secret; the secret itself is shown nowhere.
func (s stateTest) roleOfTarget(t *testing.T) {
	const role, hidden = "arn:aws:iam::1:role/backups", "never-to-be-seen"
	meta := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: api.DefaultNamespace, Labels: map[string]string{"app": nodeName}}
	}
	pod := &corev1.Pod{ObjectMeta: meta("some-node-pod"), Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}}}
	secret := &corev1.Secret{ObjectMeta: meta("with-role"), Data: map[string][]byte{
		"AWS_IAM_ROLE_ARN": []byte(role), "AWS_ACCESS_KEY_ID": []byte("identity"), "AWS_SECRET_ACCESS_KEY": []byte(hidden),
		"AWS_ENDPOINTS": []byte("http://127.0.0.1:9"),
	}}
	target := &longhorn.BackupTarget{ObjectMeta: meta("with-role"), Spec: longhorn.BackupTargetSpec{BackupTargetURL: "s3://bucket@us-east-1/", CredentialSecret: secret.Name}}
	for _, object := range []client.Object{pod, secret, target} {
		if err := s.objects.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.objects.Delete(context.WithoutCancel(t.Context()), object) })
	}
	shown := func(want string) func(context.Context) (bool, error) {
		return func(ctx context.Context) (bool, error) {
			var found corev1.Pod
			err := s.objects.Get(ctx, client.ObjectKeyFromObject(pod), &found)
			return found.Annotations["iam.amazonaws.com/role"] == want, err
		}
	}
	s.eventually(t, "the role to be shown on the pod", shown(role))
	s.eventually(t, "the target to be unavailable with a reason", func(ctx context.Context) (bool, error) {
		var found longhorn.BackupTarget
		err := s.objects.Get(ctx, client.ObjectKeyFromObject(target), &found)
		condition, there := api.Condition(found.Status.Conditions, longhorn.BackupTargetConditionTypeUnavailable)
		if strings.Contains(condition.Message, hidden) {
			t.Errorf("the reason shows the secret: %s", condition.Message)
		}
		return there && condition.Status == longhorn.ConditionStatusTrue && strings.Contains(condition.Message, "127.0.0.1:9"), err
	})
	delete(secret.Data, "AWS_IAM_ROLE_ARN")
	if err := s.objects.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	patch := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"backupTargetURL":"s3://other@us-east-1/"}}`))
	if err := s.objects.Patch(t.Context(), target, patch); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "the role to be gone from the pod", shown(""))
}

// forgottenBackupVolume: that a store was seen without a volume takes no backup of it along
// which was made since.
func (s stateTest) forgottenBackupVolume(t *testing.T) {
	inStore := api.NewBackupVolume(api.DefaultNamespace, "forgotten", "elsewhere")
	inStore.Labels[api.ForgetLabel] = "true"
	backup := &longhorn.Backup{
		ObjectMeta: metav1.ObjectMeta{Name: "backup-00000000000000bb", Namespace: api.DefaultNamespace, Labels: map[string]string{
			api.BackupVolumeLabel: "forgotten", api.BackupTargetLabel: "elsewhere",
		}},
		Spec: longhorn.BackupSpec{BackupBlockSize: 2 << 20},
	}
	for _, object := range []client.Object{inStore, backup} {
		if err := s.objects.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.objects.Delete(t.Context(), inStore); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "the backup volume to go", func(ctx context.Context) (bool, error) {
		err := s.objects.Get(ctx, client.ObjectKeyFromObject(inStore), &longhorn.BackupVolume{})
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
	if err := s.objects.Delete(t.Context(), backup, client.Preconditions{UID: &backup.UID}); err != nil {
		t.Errorf("the backup went with its volume: %v", err)
	}
}

// backupOfAnotherVolume: refused, and with the quirk restored as Longhorn does.
func (s stateTest) backupOfAnotherVolume(t *testing.T) {
	const name = "backup-00000000000000aa"
	inStore := api.NewBackupVolume(api.DefaultNamespace, "other-volume", "elsewhere")
	backup := &longhorn.Backup{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: api.DefaultNamespace, Labels: map[string]string{
			api.BackupVolumeLabel: "right-volume", api.BackupTargetLabel: "elsewhere",
		}},
		Spec: longhorn.BackupSpec{BackupBlockSize: 2 << 20},
	}
	for _, object := range []client.Object{inStore, backup} {
		if err := s.objects.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.objects.Delete(t.Context(), object) })
	}
	before := backup.DeepCopy()
	backup.Status = longhorn.BackupStatus{
		State: longhorn.BackupStateCompleted, VolumeName: "right-volume", VolumeSize: "1073741824",
		URL: "s3://bucket@region/?backup=" + name + "&volume=right-volume",
	}
	if err := s.objects.Status().Patch(t.Context(), backup, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	request := &csi.CreateVolumeRequest{
		Name: "from-other", CapacityRange: &csi.CapacityRange{RequiredBytes: gibibyte}, VolumeCapabilities: mountable(),
		VolumeContentSource: snapshotSource("bak://other-volume/" + name),
	}
	if _, err := s.csi.CreateVolume(t.Context(), request); status.Code(err) != codes.NotFound {
		t.Errorf("got %v, want NotFound", err)
	}
	response, err := s.controller(t, "1.12", deviation.ForeignBackupHandle).CreateVolume(t.Context(), request)
	if err != nil || response.GetVolume().GetVolumeContext()["fromBackup"] != backup.Status.URL {
		t.Errorf("with the quirk got %v, %v", response, err)
	}
	if _, err := s.csi.DeleteVolume(t.Context(), &csi.DeleteVolumeRequest{VolumeId: "from-other"}); err != nil {
		t.Error(err)
	}
}
