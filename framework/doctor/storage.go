package doctor

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/existing"
	"github.com/muster-csi/muster/framework/longhorn"
)

func lookAtClasses(ctx context.Context, p Patient) ([]Finding, error) {
	have, err := existing.ClassesOf(ctx, p.Client, p.Config.Driver)
	if err != nil {
		return nil, err
	}
	choice, err := existing.Choose(have, p.Config, "ID")
	if err != nil {
		return []Finding{failure("correct the configuration", "%v", err)}, nil
	}
	classes := choice.Classes
	seen := fmt.Sprintf("ext4 %s, xfs %s, snap %s, bak %s, bi %s", classes.Ext4, classes.XFS, classes.Snapshot, classes.Backup, classes.Image)
	if made := choice.Made(); len(made) > 0 {
		seen += fmt.Sprintf("; for the run %d are made that the cluster lacks, with its ID in their names", len(made))
	}
	return []Finding{fine("%s", seen)}, nil
}

func lookAtDefaultClass(ctx context.Context, p Patient) ([]Finding, error) {
	classes, err := p.Client.Core.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var defaults []string
	for _, class := range classes.Items {
		if class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" {
			defaults = append(defaults, fmt.Sprintf("%s of %s", class.Name, class.Provisioner))
		}
	}
	switch len(defaults) {
	case 0:
		return []Finding{warning("annotate one with storageclass.kubernetes.io/is-default-class: \"true\"", "there is none: a user's claim without a class stays Pending; the specs name theirs")}, nil
	case 1:
		return []Finding{fine("%s", defaults[0])}, nil
	}
	return []Finding{warning("leave the annotation storageclass.kubernetes.io/is-default-class on one of them", "there are several: %s; Kubernetes takes the newest", some(defaults))}, nil
}

func lookAtTarget(ctx context.Context, p Patient) ([]Finding, error) {
	if p.Config.Backupstore == existing.NoStore {
		return []Finding{fine("not used, the configuration says: specs about backups are skipped")}, nil
	}
	store, err := existing.StoreOf(ctx, p.Client)
	if err != nil {
		return nil, err
	}
	if p.Config.Backupstore == existing.InstallStore {
		if store.URL != "" {
			return []Finding{failure("say backupstore: own to use it", "the cluster has a default BackupTarget with a URL, which backupstore: install would replace")}, nil
		}
		return []Finding{fine("MinIO is installed for the run")}, nil
	}
	switch {
	case store.URL == "":
		return []Finding{warning("set the BackupTarget "+longhorn.DefaultTarget+", or say backupstore: install in the configuration", "specs about backups are skipped: %s", store.Absent)}, nil
	case store.Absent != "":
		return []Finding{warning("let this machine reach the bucket with the target's own credentials", "specs that look into the bucket are skipped: %s", store.Absent)}, nil
	}
	return []Finding{fine("%s is available and can be read", store.URL)}, nil
}
