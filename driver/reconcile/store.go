package reconcile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/deviation"
)

// store is a backup target with what is needed to use it.
type store struct {
	// url is the target's, credentials are those of its secret.
	url         string
	credentials backup.Credentials
}

// errNoStore is returned for a target that does not exist or has no URL: there
// is no store that anything could be done with.
var errNoStore = errors.New("no backupstore")

// store returns the store behind a BackupTarget.
func (n *node) store(ctx context.Context, target string) (store, error) {
	found := &longhorn.BackupTarget{}
	err := n.client.Get(ctx, types.NamespacedName{Namespace: n.Namespace, Name: target}, found)
	if apierrors.IsNotFound(err) {
		return store{}, fmt.Errorf("%w: backup target %s is not found", errNoStore, target)
	}
	if err != nil {
		return store{}, fmt.Errorf("read backup target %s: %w", target, err)
	}
	return n.storeOf(ctx, found)
}

func (n *node) storeOf(ctx context.Context, target *longhorn.BackupTarget) (store, error) {
	address := target.Spec.BackupTargetURL
	if address == "" {
		return store{}, fmt.Errorf("%w: %w", errNoStore, backup.ErrNoTarget)
	}
	if err := backup.CheckTarget(address); err != nil && !n.Deviations.Has(deviation.TargetURLUnchecked) {
		return store{}, err
	}
	credentials, err := n.credentials(ctx, target.Spec.CredentialSecret)
	return store{address, credentials}, err
}

// credentials reads a credential secret; "" stands for a store that needs none.
func (n *node) credentials(ctx context.Context, name string) (backup.Credentials, error) {
	if name == "" {
		return nil, nil
	}
	secret := &corev1.Secret{}
	err := n.reader.Get(ctx, types.NamespacedName{Namespace: n.Namespace, Name: name}, secret)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("credential secret %s is not found: create it in namespace %s", name, n.Namespace)
	}
	if err != nil {
		return nil, fmt.Errorf("read credential secret %s: %w", name, err)
	}
	data := secret.Data
	if n.Deviations.Has(deviation.TargetWhiteSpaceTrimmed) {
		data = trimmed(data)
	}
	return backup.NewCredentials(name, data)
}

// setting reads a Setting, Longhorn's default where there is none.
func (n *node) setting(ctx context.Context, name api.Setting) (string, error) {
	return api.SettingValue(ctx, n.client, n.Namespace, name)
}

// number reads a Setting that is one. A malformed one counts as its absence.
func (n *node) number(ctx context.Context, name api.Setting, otherwise int) int {
	text, err := n.setting(ctx, name)
	number, parseErr := strconv.Atoi(text)
	if err := errors.Join(err, parseErr); err != nil || number < 0 {
		n.Log.Warn("a setting is no number and is ignored", "setting", name, "value", text, "error", err)
		return otherwise
	}
	return number
}

// leads reports whether this node does what has to be done once for all nodes:
// it is the first of them by name.
func (n *node) leads(ctx context.Context) (bool, error) {
	var nodes longhorn.NodeList
	if err := n.client.List(ctx, &nodes); err != nil {
		return false, fmt.Errorf("list the driver's nodes: %w", err)
	}
	for i := range nodes.Items {
		if nodes.Items[i].Name < n.Node {
			return false, nil
		}
	}
	return true, nil
}

// keeps reports whether this node is the one to work on an object whose data
// node is given: that node, or the leading one where there is none any more.
func (n *node) keeps(ctx context.Context, dataNode string) (bool, error) {
	if dataNode == n.Node {
		return true, nil
	}
	if dataNode != "" {
		err := n.client.Get(ctx, types.NamespacedName{Namespace: n.Namespace, Name: dataNode}, &longhorn.Node{})
		if err == nil || !apierrors.IsNotFound(err) {
			return false, err
		}
	}
	return n.leads(ctx)
}

func trimmed(data map[string][]byte) map[string][]byte {
	result := map[string][]byte{}
	for key, value := range data {
		result[key] = bytes.TrimSpace(value)
	}
	return result
}
