package runner

import (
	"context"
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/internal/nearest"
)

// defect is one planted bug.
type defect struct {
	deviation.Deviation
	// plant puts the bug into a session and returns how to take it out.
	plant func(context.Context, *Session) (undo func(context.Context) error, err error)
}

// allDefects returns the planted bugs of the driver and those around it.
func allDefects() []defect {
	var all []defect
	for _, d := range deviation.All() {
		if d.Kind == deviation.Defect {
			all = append(all, defect{d, restartWith(d.Name)})
		}
	}
	return append(all, defect{deviation.Deviation{
		Name: "store-foreign-certificate", Kind: deviation.Defect, Capability: "backupstore", Clause: "B-26",
		Summary: "The secret's AWS_CERT is the certificate of another authority.",
	}, foreignCertificate})
}

// chooseDefects returns the planted bugs with these names, all for none.
func chooseDefects(only []string) ([]defect, error) {
	all := allDefects()
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = string(d.Name)
	}
	for _, name := range only {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("there is no planted defect %q; did you mean %q?", name, nearest.Of(name, names))
		}
	}
	return slices.DeleteFunc(all, func(d defect) bool {
		return len(only) > 0 && !slices.Contains(only, string(d.Name))
	}), nil
}

// restartWith plants a bug of the driver by restarting it with the bug on. The
// driver as it is then cleans up what the bug has left lying about.
func restartWith(name deviation.Name) func(context.Context, *Session) (func(context.Context) error, error) {
	return func(ctx context.Context, s *Session) (func(context.Context) error, error) {
		sound := target.Options{Contract: s.Target.Contract()}
		broken := target.Options{Contract: sound.Contract, Deviate: []string{string(name)}}
		undo := func(ctx context.Context) error { return s.Target.SetOptions(ctx, sound) }
		return undo, s.Target.SetOptions(ctx, broken)
	}
}

// foreignCertificate replaces the store's CA in the secret by the cluster's.
func foreignCertificate(ctx context.Context, s *Session) (func(context.Context) error, error) {
	core, err := s.Core()
	if err != nil {
		return nil, err
	}
	secrets := core.CoreV1().Secrets(backupstore.SecretNamespace)
	replace := func(ctx context.Context, certificate []byte) error {
		secret, err := secrets.Get(ctx, backupstore.Secret, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("read the store's secret: %w", err)
		}
		secret.Data = maps.Clone(secret.Data)
		secret.Data["AWS_CERT"] = certificate
		if _, err := secrets.Update(ctx, secret, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("change the certificate in the store's secret: %w", err)
		}
		return nil
	}
	secret, err := secrets.Get(ctx, backupstore.Secret, metav1.GetOptions{})
	if err != nil {
		return nil, fmt.Errorf("read the store's secret: %w", err)
	}
	own := secret.Data["AWS_CERT"]
	return func(ctx context.Context) error { return replace(ctx, own) }, replace(ctx, s.REST.CAData)
}
