package existing

import (
	"context"
	"fmt"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/internal/s3"
)

// DefaultTarget reads the cluster's default BackupTarget, nil when there is none.
func DefaultTarget(ctx context.Context, c *kube.Client) (*longhornv1beta2.BackupTarget, error) {
	targets, err := kube.List[longhornv1beta2.BackupTarget](ctx, c, kube.BackupTargets, longhorn.Namespace, metav1.ListOptions{
		FieldSelector: "metadata.name=" + longhorn.DefaultTarget,
	})
	if apierrors.IsNotFound(err) || err == nil && len(targets) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &targets[0], nil
}

// StoreOf says where the cluster's backups go and whether that can be read from
// here. Its URL is empty when backups cannot be made at all.
func StoreOf(ctx context.Context, c *kube.Client) (backupstore.Store, error) {
	target, err := DefaultTarget(ctx, c)
	if err != nil {
		return backupstore.Store{}, err
	}
	switch {
	case target == nil || target.Spec.BackupTargetURL == "":
		return backupstore.Store{Absent: "the cluster has no default BackupTarget with a URL"}, nil
	case !target.Status.Available:
		return backupstore.Store{Absent: "the cluster's default BackupTarget is not available: " + longhorn.Unavailable(target)}, nil
	}
	store := backupstore.Store{URL: target.Spec.BackupTargetURL, Secret: target.Spec.CredentialSecret}
	store.Absent = unreadable(ctx, c, store)
	return store, nil
}

// unreadable says why what is in the store cannot be read from here, "" when it can.
func unreadable(ctx context.Context, c *kube.Client, store backupstore.Store) string {
	location, err := s3.ParseLocation(store.URL)
	if err != nil {
		return "only S3 can be read, and the default BackupTarget is none"
	}
	if store.Secret == "" {
		return "the default BackupTarget has no credential secret"
	}
	client, stop, err := store.Client(ctx, c)
	if err != nil {
		return err.Error()
	}
	defer stop()
	there, err := client.BucketExists(ctx, location.Bucket)
	if err != nil {
		return fmt.Sprintf("bucket %s cannot be read from here: %v", location.Bucket, err)
	}
	if !there {
		return fmt.Sprintf("bucket %s does not exist", location.Bucket)
	}
	return ""
}
