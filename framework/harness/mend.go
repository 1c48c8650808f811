package harness

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// What is needed to mend a BackupTarget of a spec that was killed: where it pointed at first, and the
// credentials that it had. Backups of a target that cannot be used cannot be deleted (clause C-33).
const (
	urlAnnotation = "muster.dev/url"
	keptSuffix    = "-kept"
)

func credentialSecret(name string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: longhorn.Namespace, Name: name}}
}

// keepCredentials stores beside a target's secret what it held before it was first changed.
func (e *Env) keepCredentials(ctx context.Context, target *Target, credentials map[string][]byte) error {
	kept := credentialSecret(target.Secret + keptSuffix)
	kept.Labels, kept.Data = map[string]string{specLabel: e.Namespace}, credentials
	if err := client.IgnoreAlreadyExists(e.plain.Create(ctx, kept)); err != nil {
		return fmt.Errorf("keep a copy of credential secret %s: %w", target.Secret, err)
	}
	return nil
}

// mendTarget puts the target back to what it was at first.
func (e *Env) mendTarget(ctx context.Context, target *Target, credentials map[string][]byte) error {
	object := longhorn.TargetNamed(target.Name)
	if err := e.plain.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		return client.IgnoreNotFound(err)
	}
	if object.Status.Available && object.Spec.BackupTargetURL == target.URL {
		return nil
	}
	var err error
	if credentials != nil {
		err = e.SetCredentials(ctx, target, credentials)
	}
	return errors.Join(err, e.SetTargetURL(ctx, target, target.URL), e.WaitAvailable(ctx, target.Name))
}

// removeTarget removes what CreateTarget made, and what is left in the target's path of the bucket.
func (e *Env) removeTarget(ctx context.Context, target *Target) error {
	var err error
	if target.Name != longhorn.DefaultTarget {
		object := longhorn.TargetNamed(target.Name)
		class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: target.Class}}
		err = errors.Join(
			client.IgnoreNotFound(e.plain.Delete(ctx, object)),
			client.IgnoreNotFound(e.plain.Delete(ctx, class)),
			UntilGone(ctx, e.Cluster, object, timeouts.BackupGone),
		)
	}
	if target.Secret != "" {
		err = errors.Join(err,
			client.IgnoreNotFound(e.plain.Delete(ctx, credentialSecret(target.Secret))),
			client.IgnoreNotFound(e.plain.Delete(ctx, credentialSecret(target.Secret+keptSuffix))),
		)
	}
	if target.Prefix == "" {
		return err // not in the bucket
	}
	return errors.Join(err, e.emptyPrefix(ctx, target.Prefix))
}
