package controller

import (
	"strings"
	"testing"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-csi/muster/driver/deviation"
)

// backupIn is a backup in some state, of a volume of 1 GiB.
func backupIn(state longhorn.BackupState, change func(*longhorn.BackupStatus)) *longhorn.Backup {
	backup := &longhorn.Backup{Status: longhorn.BackupStatus{
		State: state, VolumeName: "v", VolumeSize: "1073741824", Size: "4194304", SnapshotCreatedAt: "2026-01-02T03:04:05Z",
	}}
	backup.Name = "backup-0123456789abcdef"
	if change != nil {
		change(&backup.Status)
	}
	return backup
}

func TestAnswerForABackup(t *testing.T) { // 2.3 steps 2, 3 and 9
	failed := func(s *longhorn.BackupStatus) { s.Error = "connection refused" }
	young := func(s *longhorn.BackupStatus) { s.SnapshotCreatedAt, s.VolumeSize = "", "" }
	cases := map[string]struct {
		backup   *longhorn.Backup
		contract string
		set      deviation.Set
		ready    bool
		code     codes.Code
	}{
		"complete":               {backupIn(longhorn.BackupStateCompleted, nil), "1.12", deviation.Set{}, true, codes.OK},
		"uploading":              {backupIn(longhorn.BackupStateInProgress, nil), "1.12", deviation.Set{}, false, codes.OK},
		"failed":                 {backupIn(longhorn.BackupStateError, failed), "1.12", deviation.Set{}, false, codes.Internal},
		"failed, before 1.4":     {backupIn(longhorn.BackupStateError, failed), "1.3", deviation.Set{}, false, codes.OK},
		"not seen yet":           {backupIn("", young), "1.12", deviation.Set{}, false, codes.Unavailable},
		"uploading, ready early": {backupIn(longhorn.BackupStateInProgress, nil), "1.12", deviation.NewSet(deviation.BackupReadyEarly), true, codes.OK},
	}
	for name, c := range cases {
		got, err := server(t, c.contract, c.set).answer(c.backup, "v")
		if status.Code(err) != c.code || got.GetSnapshot().GetReadyToUse() != c.ready {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
		if err != nil {
			continue
		}
		if id, size := got.Snapshot.SnapshotId, got.Snapshot.SizeBytes; id != "bak://v/backup-0123456789abcdef" || size != 1<<30 || got.Snapshot.CreationTime.Seconds != 1767323045 {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestBackupMode(t *testing.T) { // C-31
	cases := []struct {
		mode, contract string
		want           longhorn.BackupMode
		code           codes.Code
	}{
		{"", "1.12", longhorn.BackupModeIncremental, codes.OK},
		{"full", "1.12", longhorn.BackupModeFull, codes.OK},
		{"incremental", "1.9", longhorn.BackupModeIncremental, codes.OK},
		{"Full", "1.12", "", codes.Internal},
		{"full", "1.8", longhorn.BackupModeIncremental, codes.OK},
	}
	for _, c := range cases {
		got, err := server(t, c.contract, deviation.Set{}).backupMode(map[string]string{"backupMode": c.mode})
		if got != c.want || status.Code(err) != c.code || err != nil && !strings.Contains(err.Error(), "is not a valid option") {
			t.Errorf("%q under %s: got %q, %v", c.mode, c.contract, got, err)
		}
	}
}

func TestOnlyACompleteBackupIsRestored(t *testing.T) {
	url := func(s *longhorn.BackupStatus) { s.URL = "s3://b@r/?backup=x&volume=v" }
	cases := map[string]struct {
		backup *longhorn.Backup
		size   int64
		set    deviation.Set
		want   origin
		code   codes.Code
	}{
		"complete":      {backupIn(longhorn.BackupStateCompleted, url), 1 << 30, deviation.Set{}, origin{backup: "s3://b@r/?backup=x&volume=v"}, codes.OK},
		"larger":        {backupIn(longhorn.BackupStateCompleted, url), 2 << 30, deviation.Set{}, origin{backup: "s3://b@r/?backup=x&volume=v"}, codes.OK},
		"larger, quirk": {backupIn(longhorn.BackupStateCompleted, url), 2 << 30, deviation.NewSet(deviation.BackupSizeKept), origin{backup: "s3://b@r/?backup=x&volume=v", size: 1 << 30}, codes.OK},
		"smaller":       {backupIn(longhorn.BackupStateCompleted, url), 1 << 20, deviation.Set{}, origin{}, codes.OutOfRange},
		"uploading":     {backupIn(longhorn.BackupStateInProgress, nil), 1 << 30, deviation.Set{}, origin{}, codes.Aborted},
		"new":           {backupIn("", nil), 1 << 30, deviation.Set{}, origin{}, codes.Aborted},
		"failed":        {backupIn(longhorn.BackupStateError, nil), 1 << 30, deviation.Set{}, origin{}, codes.FailedPrecondition},
		"quirk":         {backupIn(longhorn.BackupStateInProgress, nil), 1 << 30, deviation.NewSet(deviation.UnfinishedBackupRestoresEmpty), origin{}, codes.OK},
	}
	for name, c := range cases {
		got, err := server(t, "1.12", c.set).checkBackup(c.backup, "bak://v/b", c.size)
		if got != c.want || status.Code(err) != c.code {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestEmptyLabelIsRefusedWithItsQuirkOnly(t *testing.T) { // C-11
	parameters := map[string]string{"type": "bak", "note": ""}
	if err := server(t, "1.12", deviation.Set{}).refuseLabels(parameters); err != nil {
		t.Errorf("got %v", err)
	}
	err := server(t, "1.12", deviation.NewSet(deviation.EmptyBackupLabelRefused)).refuseLabels(parameters)
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "cannot be empty") {
		t.Errorf("with the quirk got %v", err)
	}
}
