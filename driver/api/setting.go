package api

import (
	"context"
	"fmt"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Setting is the name of a Longhorn setting (contract 8.3).
type Setting string

// Settings that change what snapshots, backups and backing images do.
const (
	// SettingBackupTarget, SettingBackupTargetSecret and SettingBackupPollInterval
	// describe the default target up to Longhorn 1.7 (B-28); the interval is in seconds.
	SettingBackupTarget       Setting = "backup-target"
	SettingBackupTargetSecret Setting = "backup-target-credential-secret"
	SettingBackupPollInterval Setting = "backupstore-poll-interval"
	// SettingBackupCompression is lz4, gzip or none.
	SettingBackupCompression Setting = "backup-compression-method"
	// SettingBackupConcurrency and SettingRestoreConcurrency are how many blocks of one volume are moved at a time.
	SettingBackupConcurrency  Setting = "backup-concurrent-limit"
	SettingRestoreConcurrency Setting = "restore-concurrent-limit"
	// SettingCleanupOnDelete deletes the snapshot of a backup that is deleted (C-38).
	SettingCleanupOnDelete Setting = "auto-cleanup-when-delete-backup"
	// SettingCleanupAfterBackup deletes the snapshot of a backup that is complete (C-38).
	SettingCleanupAfterBackup Setting = "auto-cleanup-snapshot-after-on-demand-backup-completed"
	// SettingImageCopies is how many copies of a new backing image there are at least (C-49).
	SettingImageCopies Setting = "default-min-number-of-backing-image-copies"
	// SettingDisablePurge keeps deleted snapshots until it is off (D-22).
	SettingDisablePurge Setting = "disable-snapshot-purge"
	// SettingFailedBackupTTL is after how many minutes a failed backup goes, 0 for never.
	SettingFailedBackupTTL Setting = "failed-backup-ttl"
)

// defaults are Longhorn's.
var defaults = map[Setting]string{
	SettingBackupPollInterval: "300",
	SettingBackupCompression:  "lz4",
	SettingBackupConcurrency:  "2",
	SettingRestoreConcurrency: "2",
	SettingCleanupOnDelete:    "false",
	SettingCleanupAfterBackup: "false",
	SettingFailedBackupTTL:    "1440",
	SettingImageCopies:        "3",
	SettingDisablePurge:       "false",
}

// SettingValue reads a Setting; Longhorn's default where there is none.
func SettingValue(ctx context.Context, reader client.Reader, namespace string, name Setting) (string, error) {
	setting := &longhorn.Setting{}
	err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: string(name)}, setting)
	if client.IgnoreNotFound(err) != nil {
		return "", fmt.Errorf("read setting %s: %w", name, err)
	}
	if err != nil || setting.Value == "" {
		return defaults[name], nil
	}
	return setting.Value, nil
}
