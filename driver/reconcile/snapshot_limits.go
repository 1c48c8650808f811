package reconcile

import (
	"context"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
)

// unlimited is more snapshots than any volume has.
const unlimited = 1 << 20

// limit is how many snapshots the volume may have (C-27).
func (r *snapshots) limit(volume *longhorn.Volume) int {
	if r.Deviations.Has(deviation.SnapshotLimitIgnored) {
		return unlimited
	}
	return api.SnapshotLimit(volume)
}

// keepsDeleted reports whether deleted snapshots are to stay for now (D-22).
func (r *snapshots) keepsDeleted(ctx context.Context) bool {
	if !r.Contract.HasPurgeSetting() || r.Deviations.Has(deviation.PurgeSettingIgnored) {
		return false
	}
	value, err := r.setting(ctx, api.SettingDisablePurge)
	if err != nil {
		r.Log.Warn("a setting could not be read and counts as off", "setting", api.SettingDisablePurge, "error", err)
	}
	return value == "true"
}

// waitingForPurge maps the setting that keeps deleted snapshots to those.
func (r *snapshots) waitingForPurge(ctx context.Context, setting client.Object) []reconcile.Request {
	if api.Setting(setting.GetName()) != api.SettingDisablePurge {
		return nil
	}
	var list longhorn.SnapshotList
	if err := r.client.List(ctx, &list, client.InNamespace(r.Namespace)); err != nil {
		r.Log.Warn("deleted snapshots are not told of a setting", "setting", setting.GetName(), "error", err)
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if !list.Items[i].DeletionTimestamp.IsZero() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return requests
}
