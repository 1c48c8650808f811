package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/backup"
	"github.com/muster-csi/muster/driver/deviation"
)

const (
	// awayInterval is how often a target that is not available is looked at,
	// unless its own interval is shorter.
	awayInterval = 30 * time.Second
	// lookBudget is how long one look at a target may take.
	lookBudget = 2 * time.Minute
	// lookStall is how long a target may be silent while it is looked at.
	lookStall = 25 * time.Second
)

// backupTargets reconciles the BackupTargets on the leading node: is the store
// available, and which backups does it have?
type backupTargets struct{ node }

func (r *backupTargets) setUp(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("backuptarget").
		For(&longhorn.BackupTarget{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&longhorn.Setting{}, handler.EnqueueRequestsFromMapFunc(r.defaultTarget)).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: backupWorkers,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](time.Second, awayInterval),
		}).
		Complete(r)
}

// defaultTarget maps the settings of the time before BackupTargets to the default one (B-28).
func (r *backupTargets) defaultTarget(_ context.Context, object client.Object) []reconcile.Request {
	switch api.Setting(object.GetName()) {
	case api.SettingBackupTarget, api.SettingBackupTargetSecret, api.SettingBackupPollInterval:
		return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: object.GetNamespace(), Name: api.DefaultBackupTarget}}}
	}
	return nil
}

// Start makes the default target, without a URL, as Longhorn does at its
// installation. It is a manager.Runnable.
func (r *backupTargets) Start(ctx context.Context) error {
	err := r.client.Create(ctx, &longhorn.BackupTarget{
		ObjectMeta: metav1.ObjectMeta{Name: api.DefaultBackupTarget, Namespace: r.Namespace},
		Spec:       longhorn.BackupTargetSpec{PollInterval: metav1.Duration{Duration: 5 * time.Minute}},
	})
	if err := ignoreExists(err); err != nil && ctx.Err() == nil {
		return fmt.Errorf("make the default backup target: %w", err)
	}
	return nil
}

// Reconcile looks at one target.
func (r *backupTargets) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	target := &longhorn.BackupTarget{}
	if err := r.client.Get(ctx, request.NamespacedName, target); err != nil {
		if missing(err) {
			return reconcile.Result{}, r.forgetAll(ctx, request.Name)
		}
		return reconcile.Result{}, err
	}
	if leads, err := r.leads(ctx); err != nil || !leads || !target.DeletionTimestamp.IsZero() {
		return reconcile.Result{}, err
	}
	if err := r.followSettings(ctx, target); err != nil {
		return reconcile.Result{}, err
	}
	if r.Deviations.Has(deviation.TargetNeverRecovers) && unavailable(target) {
		return reconcile.Result{}, nil
	}
	before := target.DeepCopy()
	err := r.look(ctx, target)
	if err := r.patchStatus(ctx, before, target); err != nil {
		return reconcile.Result{}, fmt.Errorf("backup target %s: %w", target.Name, err)
	}
	return reconcile.Result{RequeueAfter: nextLook(target, err)}, nil
}

// nextLook is when to look at a target again, 0 for never.
func nextLook(target *longhorn.BackupTarget, err error) time.Duration {
	interval := target.Spec.PollInterval.Duration
	switch {
	case errors.Is(err, errNoStore):
		return 0 // a change of the target is noticed
	case err != nil && (interval == 0 || interval > awayInterval):
		return awayInterval
	}
	return interval
}

// look asks the store for what it has and notes in the status whether it answers.
func (r *backupTargets) look(ctx context.Context, target *longhorn.BackupTarget) error {
	ctx, cancel := context.WithTimeout(ctx, lookBudget)
	defer cancel()
	err := r.read(ctx, target)
	target.Status.OwnerID = r.Node
	target.Status.LastSyncedAt = metav1.Now()
	target.Status.Available = err == nil
	condition := longhorn.Condition{Type: longhorn.BackupTargetConditionTypeUnavailable, Status: longhorn.ConditionStatusFalse}
	if err != nil {
		r.Log.Warn("a backup target is not available", "target", target.Name, "error", err)
		condition.Status, condition.Message = longhorn.ConditionStatusTrue, err.Error()
		condition.Reason = longhorn.BackupTargetConditionReasonUnavailable
	}
	target.Status.Conditions = api.SetCondition(target.Status.Conditions, condition)
	return err
}

// read lists the store and takes over what it has.
func (r *backupTargets) read(ctx context.Context, target *longhorn.BackupTarget) error {
	from, err := r.storeOf(ctx, target)
	if errors.Is(err, errNoStore) {
		return errors.Join(err, r.forgetAll(ctx, target.Name))
	}
	if err != nil {
		return err
	}
	if err := r.showRole(ctx, from.credentials[backup.IAMRole]); err != nil {
		return err
	}
	known, err := r.known(ctx, target.Name) // before the list: what is finished later is not missed in it
	if err != nil {
		return err
	}
	look := r.Backups
	look.Stall = lookStall
	found, err := look.Run(ctx, backup.Request{Operation: backup.List, Target: from.url, Deviations: r.Deviations.String()}, from.credentials, nil)
	if err != nil {
		return err
	}
	if err := r.takeOver(ctx, target.Name, from, found.Volumes, known); err != nil {
		r.Log.Warn("what a backup target has could not be taken over completely", "target", target.Name, "error", err)
	}
	return nil
}

func unavailable(target *longhorn.BackupTarget) bool {
	condition, found := api.Condition(target.Status.Conditions, longhorn.BackupTargetConditionTypeUnavailable)
	return found && condition.Status == longhorn.ConditionStatusTrue
}
