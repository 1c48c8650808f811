package harness

import (
	"context"
	"fmt"
	"time"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Address makes a BackupTarget with the store's own credentials and a URL that may be wrong, for the length of the
// spec. A driver may refuse it at once: then the text is not empty.
func (e *Env) Address(ctx context.Context, suffix, url string) (target, refusal string, err error) {
	e.NeedsStore()
	object := longhorn.TargetNamed(e.Namespace + "-" + suffix)
	object.Spec = longhornv1beta2.BackupTargetSpec{
		BackupTargetURL: url, CredentialSecret: e.Config.Store.Secret, PollInterval: metav1.Duration{Duration: 5 * time.Minute},
	}
	e.OnRemoved(func(ctx context.Context) error {
		return deleteAndWait(ctx, e.Cluster, longhorn.TargetNamed(object.Name), timeouts.BackupGone)
	})
	err = e.Client.Create(ctx, object)
	switch {
	case err == nil:
		return object.Name, "", nil
	case apierrors.IsInvalid(err), apierrors.IsForbidden(err), apierrors.IsBadRequest(err):
		return object.Name, err.Error(), nil
	}
	return object.Name, "", fmt.Errorf("create BackupTarget %s: %w", object.Name, err)
}
