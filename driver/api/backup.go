package api

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// DefaultBackupTarget is the BackupTarget of volumes that name no other.
	DefaultBackupTarget = "default"
	// BackupVolumeLabel names the volume of a Backup and of a BackupVolume.
	BackupVolumeLabel = "backup-volume"
	// BackupTargetLabel names the BackupTarget of a Backup and of a BackupVolume.
	BackupTargetLabel = "backup-target"
	// AccessModeLabel is stored with a backup, so that a restore can have the same access mode.
	AccessModeLabel = "longhorn.io/volume-access-mode"
	// ForgetLabel on a Backup or BackupVolume that is being deleted means that the store keeps it.
	ForgetLabel = "longhorn.io/delete-custom-resource-only"
)

// NewBackupName invents a name for a backup (H-02).
func NewBackupName() string {
	digits := make([]byte, 8)
	_, _ = rand.Read(digits) // documented never to fail
	return "backup-" + hex.EncodeToString(digits)
}

// NewBackup returns a Backup that asks for an upload of the volume's snapshot.
func NewBackup(volume *longhorn.Volume, name, snapshot string, mode longhorn.BackupMode, labels map[string]string) *longhorn.Backup {
	stored := map[string]string{AccessModeLabel: string(volume.Spec.AccessMode)}
	maps.Copy(stored, labels)
	return &longhorn.Backup{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: volume.Namespace, Finalizers: []string{Finalizer},
			Labels: map[string]string{BackupVolumeLabel: volume.Name, BackupTargetLabel: BackupTargetOf(volume), DataNodeLabel: DataNode(volume)},
		},
		Spec: longhorn.BackupSpec{SnapshotName: snapshot, Labels: stored, BackupMode: mode, BackupBlockSize: volume.Spec.BackupBlockSize},
	}
}

// BackupTargetOf is the name of the BackupTarget that the volume's backups go to.
func BackupTargetOf(volume *longhorn.Volume) string {
	if volume.Spec.BackupTargetName == "" {
		return DefaultBackupTarget
	}
	return volume.Spec.BackupTargetName
}

// VolumeOfBackup is the name of the volume that a Backup is of.
func VolumeOfBackup(backup *longhorn.Backup) string {
	if backup.Status.VolumeName != "" {
		return backup.Status.VolumeName
	}
	return backup.Labels[BackupVolumeLabel]
}

// BackupFinal reports whether nothing more will happen to the backup by itself.
func BackupFinal(backup *longhorn.Backup) bool {
	switch backup.Status.State {
	case longhorn.BackupStateCompleted, longhorn.BackupStateError, longhorn.BackupStateUnknown:
		return true
	}
	return false
}

// BackupVolumeName is that of the BackupVolume for a volume in a target; several
// targets may hold the same volume. It is a hash, as in Longhorn from 1.8 on.
func BackupVolumeName(volume, target string) string {
	sum := sha512.Sum512([]byte(target + "/" + volume))
	return "bv-" + hex.EncodeToString(sum[:16])
}

// NewBackupVolume returns the object that shows what a target has of a volume.
func NewBackupVolume(namespace, volume, target string) *longhorn.BackupVolume {
	return &longhorn.BackupVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name: BackupVolumeName(volume, target), Namespace: namespace, Finalizers: []string{Finalizer},
			Labels: map[string]string{BackupVolumeLabel: volume, BackupTargetLabel: target},
		},
		Spec: longhorn.BackupVolumeSpec{BackupTargetName: target, VolumeName: volume},
	}
}

// BackupAddress is a backup URL taken apart.
type BackupAddress struct {
	// Target is the URL of the store, Volume and Backup are the names in it.
	Target, Volume, Backup string
}

// ParseBackupURL reads <target>?backup=<b>&volume=<v>, in any order (B-20).
func ParseBackupURL(text string) (BackupAddress, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return BackupAddress{}, fmt.Errorf("backup URL %q is no URL", text)
	}
	query := parsed.Query()
	address := BackupAddress{Volume: query.Get("volume"), Backup: query.Get("backup")}
	if address.Volume == "" || address.Backup == "" {
		return BackupAddress{}, fmt.Errorf("backup URL %q must end with ?backup=<name>&volume=<name>", text)
	}
	query.Del("volume")
	query.Del("backup")
	parsed.RawQuery = query.Encode()
	address.Target = parsed.String()
	return address, nil
}
