package harness

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"time"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"github.com/onsi/ginkgo/v2"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Target is a BackupTarget of one spec, with a path of its own in the bucket,
// so that what is done to it disturbs no other spec.
type Target struct {
	// Name is that of the BackupTarget, Secret that of its credential secret, "" for none.
	Name, Secret string
	// URL is where it points at first, Prefix the path in the bucket without the first slash.
	URL, Prefix string
	// Class is a StorageClass whose volumes are backed up to the target.
	Class string
}

// TargetURL is the address of a path in the store of the cluster under test, as a backup target has it.
// Where there is none that can be read the spec is skipped.
func TargetURL(prefix string) string {
	ginkgo.GinkgoHelper()
	connected.NeedsStore()
	location := connected.Config.Store.Location()
	location.Prefix += prefix
	return location.String()
}

// CreateTarget makes a BackupTarget with credentials, those of the store itself
// when nil, and a StorageClass for it, for the length of the spec. Before
// Longhorn 1.8, which knows only one target, it is that one, and only Serial
// specs may call it. It does not wait.
func (e *Env) CreateTarget(ctx context.Context, credentials map[string][]byte) (*Target, error) {
	if credentials == nil {
		var err error
		if credentials, err = e.StoreCredentials(ctx); err != nil {
			return nil, err
		}
	}
	prefix := e.Namespace + "/"
	e.AuditToo(prefix)
	return e.createTarget(ctx, &Target{URL: TargetURL(prefix), Prefix: prefix}, credentials)
}

// createTarget makes the BackupTarget, its secret if there is something to put into it, and the StorageClass.
func (e *Env) createTarget(ctx context.Context, target *Target, credentials map[string][]byte) (*Target, error) {
	target.Name, target.Class = e.Namespace, e.Namespace
	if credentials != nil {
		target.Secret = e.Namespace
	}
	e.OnRemoved(func(ctx context.Context) error { return e.removeTarget(ctx, target) })
	// A VolumeSnapshot whose backup was never begun cannot be deleted while its target is unusable (clause C-33).
	e.OnCleanup(func(ctx context.Context) error { return e.mendTarget(ctx, target, credentials) })
	object := longhorn.TargetNamed(target.Name)
	object.Labels = map[string]string{specLabel: e.Namespace}
	object.Annotations = map[string]string{urlAnnotation: target.URL}
	object.Spec = longhornv1beta2.BackupTargetSpec{BackupTargetURL: target.URL, PollInterval: metav1.Duration{Duration: 5 * time.Minute}}
	if credentials != nil {
		object.Spec.CredentialSecret = target.Secret
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: longhorn.Namespace, Name: target.Secret, Labels: map[string]string{specLabel: e.Namespace}}, Data: credentials}
		if err := e.Client.Create(ctx, secret); err != nil {
			return nil, fmt.Errorf("create credential secret %s: %w", target.Secret, err)
		}
	}
	if !e.Follows(severalTargets) {
		return target, e.pointSettings(ctx, target)
	}
	if err := e.Client.Create(ctx, object); err != nil {
		return nil, fmt.Errorf("create BackupTarget %s: %w", target.Name, err)
	}
	return target, e.createStorageClass(ctx, target.Class, map[string]string{"backupTargetName": target.Name})
}

// StoreCredentials are the contents of the store's own credential secret.
func (e *Env) StoreCredentials(ctx context.Context) (map[string][]byte, error) {
	var secret corev1.Secret
	e.NeedsStore()
	key := client.ObjectKey{Namespace: backupstore.SecretNamespace, Name: e.Config.Store.Secret}
	if err := e.Client.Get(ctx, key, &secret); err != nil {
		return nil, fmt.Errorf("read the store's credential secret: %w", err)
	}
	return maps.Clone(secret.Data), nil
}

// SetCredentials changes what the target's secret holds and makes the driver look at the target again.
func (e *Env) SetCredentials(ctx context.Context, target *Target, credentials map[string][]byte) error {
	secret := &corev1.Secret{}
	if err := e.Client.Get(ctx, client.ObjectKey{Namespace: longhorn.Namespace, Name: target.Secret}, secret); err != nil {
		return fmt.Errorf("read credential secret %s: %w", target.Secret, err)
	}
	if err := e.keepCredentials(ctx, target, secret.Data); err != nil {
		return err
	}
	secret.Data = credentials
	if err := e.Client.Update(ctx, secret); err != nil {
		return fmt.Errorf("change credential secret %s: %w", target.Secret, err)
	}
	return e.requestSync(ctx, target.Name)
}

// SetTargetURL points the target elsewhere; "" unsets it.
func (e *Env) SetTargetURL(ctx context.Context, target *Target, url string) error {
	if target.Name == longhorn.DefaultTarget { // pointSettings undoes that
		_, err := longhorn.SetSetting(ctx, e.Client, e.Config.Run, settingTarget, url)
		return err
	}
	return e.patchTarget(ctx, target.Name, func(target *longhornv1beta2.BackupTarget) { target.Spec.BackupTargetURL = url })
}

// WaitAvailable makes the driver look at a target and waits until it has found it available.
func (c *Cluster) WaitAvailable(ctx context.Context, target string) error {
	return c.waitTarget(ctx, target, "be available", func(target *longhornv1beta2.BackupTarget) bool { return target.Status.Available })
}

// WaitUnavailable makes the driver look at a target and waits until it has
// found it unavailable with a reason that contains the fragments. It returns the reason.
func (e *Env) WaitUnavailable(ctx context.Context, target string, fragments ...string) (string, error) {
	var why string
	err := e.waitTarget(ctx, target, fmt.Sprintf("be unavailable with %q", fragments), func(target *longhornv1beta2.BackupTarget) bool {
		why = longhorn.Unavailable(target)
		return !target.Status.Available && why != "" && containsAll(why, fragments)
	})
	return why, err
}

// WaitNotAvailable makes the driver look at a target and waits until it has found it not available, for whatever reason.
func (e *Env) WaitNotAvailable(ctx context.Context, target string) error {
	return e.waitTarget(ctx, target, "be not available", func(target *longhornv1beta2.BackupTarget) bool { return !target.Status.Available })
}

func (c *Cluster) waitTarget(ctx context.Context, target, what string, held func(*longhornv1beta2.BackupTarget) bool) error {
	if err := c.requestSync(ctx, target); err != nil {
		return err
	}
	ref, err := c.ref(longhorn.TargetNamed(target))
	if err != nil {
		return err
	}
	_, err = kube.Until(ctx, c.Kube, ref, timeouts.TargetAvailable, what, func(target *longhornv1beta2.BackupTarget) (bool, string, error) {
		if target == nil {
			return false, "it does not exist", nil
		}
		return held(target), fmt.Sprintf("available %t, reason %q", target.Status.Available, longhorn.Unavailable(target)), nil
	})
	return err
}

// requestSync asks the driver to look at a target now instead of after its poll interval.
func (c *Cluster) requestSync(ctx context.Context, target string) error {
	return c.patchTarget(ctx, target, func(target *longhornv1beta2.BackupTarget) {
		// Whole seconds: two requests within one would be the same.
		target.Spec.SyncRequestedAt = metav1.NewTime(later(time.Now(), target.Spec.SyncRequestedAt.Add(time.Second)))
	})
}

func (c *Cluster) patchTarget(ctx context.Context, name string, change func(*longhornv1beta2.BackupTarget)) error {
	object := longhorn.TargetNamed(name)
	if err := c.plain.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		return fmt.Errorf("read BackupTarget %s: %w", name, err)
	}
	before := client.MergeFrom(object.DeepCopy())
	change(object)
	if err := c.plain.Patch(ctx, object, before); err != nil {
		return fmt.Errorf("change BackupTarget %s: %w", name, err)
	}
	return nil
}

// createStorageClass makes a class like ClassExt4 with some other parameters.
func (e *Env) createStorageClass(ctx context.Context, name string, parameters map[string]string) error {
	var class storagev1.StorageClass
	if err := e.Client.Get(ctx, client.ObjectKey{Name: e.Config.Classes.Ext4}, &class); err != nil {
		return fmt.Errorf("read StorageClass %s: %w", e.Config.Classes.Ext4, err)
	}
	class.ObjectMeta = metav1.ObjectMeta{Name: name, Labels: map[string]string{specLabel: e.Namespace}}
	class.Parameters = maps.Clone(class.Parameters)
	maps.Copy(class.Parameters, parameters)
	if err := e.Client.Create(ctx, &class); err != nil {
		return fmt.Errorf("create StorageClass %s: %w", name, err)
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// WithValue is a copy of credentials with one value changed.
func WithValue(credentials map[string][]byte, key string, change func([]byte) []byte) map[string][]byte {
	changed := maps.Clone(credentials)
	changed[key] = change(bytes.Clone(changed[key]))
	return changed
}
