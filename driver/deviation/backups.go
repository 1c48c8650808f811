package deviation

// Planted defects of backups: CSI controller, reconcilers and the backup worker.
const (
	// BackupTypeDefaultSnap breaks C-01. A class without a type takes a snap instead of a backup.
	BackupTypeDefaultSnap Name = "backup-type-default-snap"
	// BackupLegacyHandle breaks H-03. The handle of a backup begins with bs://.
	BackupLegacyHandle Name = "backup-legacy-handle"
	// BackupReadyEarly breaks C-30. A backup is reported ready as soon as its upload has begun.
	BackupReadyEarly Name = "backup-ready-early"
	// BackupSizeUsedBytes breaks I-14. The restoreSize of a backup is the number of bytes in its blocks.
	BackupSizeUsedBytes Name = "backup-size-used-bytes"
	// BackupAnotherEachTime breaks C-30. A repeated CreateSnapshot makes another backup.
	BackupAnotherEachTime Name = "backup-another-each-time"
	// BackupMixedUp breaks C-39. CreateSnapshot answers with another backup of the volume that is under way instead of making one.
	BackupMixedUp Name = "backup-mixed-up"
	// BackupModeUnchecked breaks C-31. An unknown backupMode is taken for incremental.
	BackupModeUnchecked Name = "backup-mode-unchecked"
	// BackupFullIgnored breaks C-31. backupMode full uploads only what changed.
	BackupFullIgnored Name = "backup-full-ignored"
	// BackupCompressionIgnored breaks B-02. Backups are compressed with lz4 whatever the setting says.
	BackupCompressionIgnored Name = "backup-compression-ignored"
	// BackupDetachedRefused breaks C-36. A backup of a detached volume is refused.
	BackupDetachedRefused Name = "backup-detached-refused"
	// BackupWithoutTarget breaks C-32. A backup is begun although the target is not available.
	BackupWithoutTarget Name = "backup-without-target"
	// TargetNeverRecovers breaks C-32. A target that was found unavailable is never looked at again.
	TargetNeverRecovers Name = "target-never-recovers"
	// TargetSettingsIgnored breaks B-28. Up to contract 1.7 the settings that name the backup target have no effect.
	TargetSettingsIgnored Name = "target-settings-ignored"
	// TargetWhiteSpaceTrimmed breaks B-26. White space around a credential is cut off instead of refused.
	TargetWhiteSpaceTrimmed Name = "target-white-space-trimmed"
	// TargetURLUnchecked breaks B-25. A backup target is used whatever its URL contains.
	TargetURLUnchecked Name = "target-url-unchecked"
	// NFSVersion3 breaks B-23. NFS targets are mounted by version 3 of the protocol.
	NFSVersion3 Name = "nfs-version-3"
	// BackupBlockSizeIgnored breaks B-01. The StorageClass parameter backupBlockSize has no effect.
	BackupBlockSizeIgnored Name = "backup-block-size-ignored"
	// BackupLocksBroken breaks B-10. Locks that others hold on a volume of the store are removed instead of waited for.
	BackupLocksBroken Name = "backup-locks-broken"
	// BackupLockNeverExpires breaks B-10. A lock that its owner has left behind counts for ever.
	BackupLockNeverExpires Name = "backup-lock-never-expires"

	// BackupSkipsLastBlock breaks R-30. The last changed block is not uploaded.
	BackupSkipsLastBlock Name = "backup-skips-last-block"
	// BackupWrongBase breaks B-07. An incremental backup holds the changes since the newest local snapshot instead of the last backup's.
	BackupWrongBase Name = "backup-wrong-base"
	// BackupDropsZeroed breaks R-30. A block that became zero is left out, so that a restore shows its old content.
	BackupDropsZeroed Name = "backup-drops-zeroed"
	// BackupErrorIgnored breaks B-05. A backup whose upload failed counts as complete.
	BackupErrorIgnored Name = "backup-error-ignored"
	// BackupQueueStuck breaks C-39. After a failed backup no other of the same volume is begun.
	BackupQueueStuck Name = "backup-queue-stuck"

	// BackupDeleteIgnored breaks D-07. DeleteSnapshot of a backup answers OK and deletes nothing.
	BackupDeleteIgnored Name = "backup-delete-ignored"
	// BackupDeleteMissingFails breaks D-08. DeleteSnapshot of a backup that is gone fails.
	BackupDeleteMissingFails Name = "backup-delete-missing-fails"
	// BackupDeleteLeaksBlocks breaks B-09. A deleted backup leaves its blocks in the bucket.
	BackupDeleteLeaksBlocks Name = "backup-delete-leaks-blocks"
	// BackupDeleteSharedBlocks breaks B-09. A deleted backup takes blocks along that others need.
	BackupDeleteSharedBlocks Name = "backup-delete-shared-blocks"
	// BackupDeletesSnapshot breaks D-24. Deleting a backup deletes the volume's snapshot too.
	BackupDeletesSnapshot Name = "backup-deletes-snapshot"
	// BackupCleanupIgnored breaks D-24. The settings that clean up snapshots have no effect.
	BackupCleanupIgnored Name = "backup-cleanup-ignored"
	// BackupRetainDeletes breaks S-07. The driver deletes backups whose VolumeSnapshot is gone, whatever the deletion policy says.
	BackupRetainDeletes Name = "backup-retain-deletes"
	// BackupGoesWithVolume breaks R-37. Deleting a volume deletes its backups.
	BackupGoesWithVolume Name = "backup-goes-with-volume"
	// BackupDeleteNeedsTarget breaks D-28. A backup cannot be deleted while no target is set.
	BackupDeleteNeedsTarget Name = "backup-delete-needs-target"

	// RestoreLatestBackup breaks R-30. A restore takes the volume's latest backup instead of the one that was named.
	RestoreLatestBackup Name = "restore-latest-backup"
	// RestoreBackupEmpty breaks R-30. A restore from a backup is an empty volume.
	RestoreBackupEmpty Name = "restore-backup-empty"
	// RestoreSkipsBadBlocks breaks R-30. A block that cannot be read is left out of a restore.
	RestoreSkipsBadBlocks Name = "restore-skips-bad-blocks"
	// RestoreLegacyRefused breaks H-21. A handle that begins with bs:// is refused.
	RestoreLegacyRefused Name = "restore-legacy-refused"
	// RestoreNeedsSource breaks R-37. A backup is restored only while its source volume exists.
	RestoreNeedsSource Name = "restore-needs-source"
	// RestoreForeignRefused breaks R-37. Backups that this cluster did not make are not taken over from the store.
	RestoreForeignRefused Name = "restore-foreign-refused"
	// RestoreMissingBackupEmpty breaks H-19. A handle of a backup that does not exist restores an empty volume.
	RestoreMissingBackupEmpty Name = "restore-missing-backup-empty"
	// RestoreAccessModeIgnored breaks R-33. A volume from a backup has access mode rwo, whatever claim and backup say.
	RestoreAccessModeIgnored Name = "restore-access-mode-ignored"
	// StandbyAccepted breaks C-23. Snapshots and backups of a standby volume are taken.
	StandbyAccepted Name = "standby-accepted"
	// RestoreBackupSmaller breaks R-31. A backup is restored into a volume that is smaller, cut off at its end.
	RestoreBackupSmaller Name = "restore-backup-smaller"
)

// Capabilities of the specs about backups: few enough that a planted defect is
// looked for by a handful of specs.
const (
	making    = "bak-create"
	crowding  = "bak-many"
	deleting  = "bak-delete"
	restoring = "bak-restore"
	targeting = "bak-target"
	faulting  = "bak-fault"
	storing   = "backupstore"
)

// backups lists the planted defects of backups.
var backups = []Deviation{
	{BackupTypeDefaultSnap, Defect, making, "C-01", "A class without a type takes a snap instead of a backup."},
	{BackupLegacyHandle, Defect, making, "H-03", "The handle of a backup begins with bs://."},
	{BackupReadyEarly, Defect, making, "C-30", "A backup is reported ready as soon as its upload has begun."},
	{BackupSizeUsedBytes, Defect, making, "I-14", "The restoreSize of a backup is the number of bytes in its blocks."},
	{BackupAnotherEachTime, Defect, making, "C-30", "A repeated CreateSnapshot makes another backup."},
	{BackupMixedUp, Defect, crowding, "C-39", "CreateSnapshot answers with another backup of the volume that is under way instead of making one."},
	{BackupModeUnchecked, Defect, making, "C-31", "An unknown backupMode is taken for incremental."},
	{BackupFullIgnored, Defect, making, "C-31", "backupMode full uploads only what changed."},
	{BackupCompressionIgnored, Defect, making, "B-02", "Backups are compressed with lz4 whatever the setting says."},
	{BackupDetachedRefused, Defect, making, "C-36", "A backup of a detached volume is refused."},
	{BackupWithoutTarget, Defect, targeting, "C-32", "A backup is begun although the target is not available."},
	{TargetNeverRecovers, Defect, targeting, "C-32", "A target that was found unavailable is never looked at again."},
	{TargetSettingsIgnored, Defect, targeting, "B-28", "Up to contract 1.7 the settings that name the backup target have no effect."},
	{TargetWhiteSpaceTrimmed, Defect, targeting, "B-26", "White space around a credential is cut off instead of refused."},
	{TargetURLUnchecked, Defect, storing, "B-25", "A backup target is used whatever its URL contains."},
	{NFSVersion3, Defect, targeting, "B-23", "NFS targets are mounted by version 3 of the protocol."},
	{BackupBlockSizeIgnored, Defect, storing, "B-01", "The StorageClass parameter backupBlockSize has no effect."},
	{BackupLocksBroken, Defect, storing, "B-10", "Locks that others hold on a volume of the store are removed instead of waited for."},
	{BackupLockNeverExpires, Defect, storing, "B-10", "A lock that its owner has left behind counts for ever."},
	{BackupSkipsLastBlock, Defect, restoring, "R-30", "The last changed block is not uploaded."},
	{BackupWrongBase, Defect, restoring, "B-07", "An incremental backup holds the changes since the newest local snapshot instead of the last backup's."},
	{BackupDropsZeroed, Defect, restoring, "R-30", "A block that became zero is left out, so that a restore shows its old content."},
	{BackupErrorIgnored, Defect, faulting, "B-05", "A backup whose upload failed counts as complete."},
	{BackupQueueStuck, Defect, faulting, "C-39", "After a failed backup no other of the same volume is begun."},
	{BackupDeleteIgnored, Defect, deleting, "D-07", "DeleteSnapshot of a backup answers OK and deletes nothing."},
	{BackupDeleteMissingFails, Defect, deleting, "D-08", "DeleteSnapshot of a backup that is gone fails."},
	{BackupDeleteLeaksBlocks, Defect, deleting, "B-09", "A deleted backup leaves its blocks in the bucket."},
	{BackupDeleteSharedBlocks, Defect, deleting, "B-09", "A deleted backup takes blocks along that others need."},
	{BackupDeletesSnapshot, Defect, deleting, "D-24", "Deleting a backup deletes the volume's snapshot too."},
	{BackupCleanupIgnored, Defect, deleting, "D-24", "The settings that clean up snapshots have no effect."},
	{BackupRetainDeletes, Defect, deleting, "S-07", "The driver deletes backups whose VolumeSnapshot is gone, whatever the deletion policy says."},
	{BackupGoesWithVolume, Defect, restoring, "R-37", "Deleting a volume deletes its backups."},
	{BackupDeleteNeedsTarget, Defect, targeting, "D-28", "A backup cannot be deleted while no target is set."},
	{RestoreLatestBackup, Defect, restoring, "R-30", "A restore takes the volume's latest backup instead of the one that was named."},
	{RestoreBackupEmpty, Defect, restoring, "R-30", "A restore from a backup is an empty volume."},
	{RestoreSkipsBadBlocks, Defect, faulting, "R-30", "A block that cannot be read is left out of a restore."},
	{RestoreLegacyRefused, Defect, restoring, "H-21", "A handle that begins with bs:// is refused."},
	{RestoreNeedsSource, Defect, restoring, "R-37", "A backup is restored only while its source volume exists."},
	{RestoreForeignRefused, Defect, restoring, "R-37", "Backups that this cluster did not make are not taken over from the store."},
	{RestoreMissingBackupEmpty, Defect, restoring, "H-19", "A handle of a backup that does not exist restores an empty volume."},
	{RestoreAccessModeIgnored, Defect, restoring, "R-33", "A volume from a backup has access mode rwo, whatever claim and backup say."},
	{StandbyAccepted, Defect, "dr", "C-23", "Snapshots and backups of a standby volume are taken."},
	{RestoreBackupSmaller, Defect, restoring, "R-31", "A backup is restored into a volume that is smaller, cut off at its end."},
}
