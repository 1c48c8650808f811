package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/backupstore/front"
	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/runid"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/framework/timeouts"
)

// What a run that was killed has left is removed as its specs would have done.

// SpecOf is the spec that made an object, as the name of its namespace, "" for none.
func SpecOf(object metav1.Object) string { return object.GetLabels()[specLabel] }

// PutBack gives objects of others back what they held before the run changed them: settings, the default
// BackupTarget, the driver's options. It calls done for each.
func (c *Cluster) PutBack(ctx context.Context, done func(what string)) error {
	run := client.MatchingLabels{runid.Label: c.Config.Run}
	in := client.InNamespace(longhorn.Namespace)
	var deployments appsv1.DeploymentList
	var settings longhornv1beta2.SettingList
	var targets longhornv1beta2.BackupTargetList
	for _, list := range []client.ObjectList{&deployments, &settings, &targets} {
		if c.absent(list) {
			continue
		}
		if err := c.plain.List(ctx, list, in, run); err != nil {
			return fmt.Errorf("look for what the run has changed: %w", err)
		}
	}
	var failures []error
	for i := range deployments.Items {
		failures = append(failures, putBack(c, &deployments.Items[i], done, func(held target.Options) error { return c.putOptions(ctx, held, true) }))
	}
	for i := range settings.Items {
		name := settings.Items[i].Name
		failures = append(failures, putBack(c, &settings.Items[i], done, func(held string) error { return longhorn.PutSetting(ctx, c.plain, name, held, true) }))
	}
	for i := range targets.Items {
		failures = append(failures, putBack(c, &targets.Items[i], done, func(held heldTarget) error { return c.putDefaultTarget(ctx, held) }))
	}
	return errors.Join(failures...)
}

// putBack does it for one object, if something is noted in it.
func putBack[T any](c *Cluster, object client.Object, done func(string), put func(T) error) error {
	var held T
	noted, err := runid.Held(object, &held)
	if err != nil || !noted {
		return err
	}
	if err := put(held); err != nil {
		return err
	}
	done(c.describe(object))
	return nil
}

// RemoveSpec removes what a spec has left behind, by the name of its namespace, and that as well. Parts of it may be
// gone already.
func (c *Cluster) RemoveSpec(ctx context.Context, name string) error {
	env := &Env{Cluster: c, Namespace: name, Spec: name}
	var namespace corev1.Namespace
	if err := c.plain.Get(ctx, client.ObjectKey{Name: name}, &namespace); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read namespace %s: %w", name, err)
	}
	if text := namespace.Annotations[volumesAnnotation]; text != "" {
		env.gone = strings.Split(text, ",")
	}
	direct, err := env.deleteDirect(ctx, namespace.Annotations[directAnnotation])
	if err != nil {
		return err
	}
	left := &Target{Name: name, Secret: name, Class: name, Prefix: name + "/"}
	failures := []error{env.mendLeft(ctx, left)}
	made, err := leak.Of(ctx, c.plain, name, env.gone...)
	if err != nil {
		return errors.Join(append(failures, err)...)
	}
	failures = append(failures, env.deleteBackups(ctx, made), env.deleteHandMade(ctx, made), direct(ctx), env.remove(ctx, made), env.removeImages(ctx, made), env.removeBackups(ctx, made))
	if c.lacks == "" {
		failures = append(failures, env.removeTarget(ctx, left))
	}
	return errors.Join(append(failures, c.removeNamespaces(ctx, name))...)
}

// deleteDirect finds volumes that the spec has made without claims, by how their names begin, counts them as the
// spec's, and returns how to delete them: images that they begin with go after them, backups of them before.
func (e *Env) deleteDirect(ctx context.Context, prefix string) (func(context.Context) error, error) {
	volumes, err := longhorn.Volumes(ctx, e.plain)
	volumes = slices.DeleteFunc(volumes, func(volume longhornv1beta2.Volume) bool {
		return prefix == "" || !strings.HasPrefix(volume.Name, prefix+"-")
	})
	for i := range volumes {
		e.gone = append(e.gone, volumes[i].Name)
	}
	return func(ctx context.Context) error {
		var failures []error
		for i := range volumes {
			failures = append(failures, deleteAndWait(ctx, e.Cluster, &volumes[i], timeouts.VolumeDeleted))
		}
		return errors.Join(failures...)
	}, err
}

// deleteHandMade deletes PersistentVolumes that the spec has made itself, and the volumes behind them, which nobody
// else would do.
func (e *Env) deleteHandMade(ctx context.Context, made leak.Made) error {
	var volumes corev1.PersistentVolumeList
	if err := e.plain.List(ctx, &volumes, client.MatchingLabels{specLabel: e.Namespace}); err != nil {
		return fmt.Errorf("list the PersistentVolumes of %s: %w", e.Namespace, err)
	}
	if len(volumes.Items) == 0 {
		return nil
	}
	failures := []error{e.removePods(ctx, made)}
	for i := range volumes.Items {
		failures = append(failures, client.IgnoreNotFound(e.plain.Delete(ctx, &volumes.Items[i])))
		if of := volumes.Items[i].Spec.CSI; of != nil && e.lacks == "" {
			failures = append(failures, client.IgnoreNotFound(e.plain.Delete(ctx, longhorn.VolumeNamed(of.VolumeHandle))))
		}
	}
	return errors.Join(failures...)
}

// deleteBackups deletes the backups of the spec's volumes, also those that a policy Retain has kept.
func (e *Env) deleteBackups(ctx context.Context, made leak.Made) error {
	var failures []error
	for _, name := range made.Backups {
		failures = append(failures, client.IgnoreNotFound(e.plain.Delete(ctx, longhorn.BackupNamed(name))))
	}
	return errors.Join(failures...)
}

// removeNamespaces deletes the namespaces of a spec and waits until they are gone.
func (c *Cluster) removeNamespaces(ctx context.Context, spec string) error {
	var list corev1.NamespaceList
	if err := c.plain.List(ctx, &list, client.MatchingLabels{specLabel: spec}); err != nil {
		return fmt.Errorf("list the namespaces of %s: %w", spec, err)
	}
	var failures []error
	for i := range list.Items {
		failures = append(failures, client.IgnoreNotFound(c.plain.Delete(ctx, &list.Items[i])))
	}
	for i := range list.Items {
		failures = append(failures, UntilGone(ctx, c, &list.Items[i], timeouts.NamespaceGone))
	}
	return errors.Join(failures...)
}

// mendLeft lets the spec's BackupTarget be used again, if it has one: without it backups cannot be deleted.
func (e *Env) mendLeft(ctx context.Context, left *Target) error {
	if e.lacks != "" {
		return nil
	}
	if err := e.behave(ctx); err != nil {
		return err
	}
	object := longhorn.TargetNamed(left.Name)
	if err := e.plain.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		return client.IgnoreNotFound(err)
	}
	left.URL = object.Annotations[urlAnnotation]
	var kept corev1.Secret
	err := e.plain.Get(ctx, client.ObjectKeyFromObject(credentialSecret(left.Secret+keptSuffix)), &kept)
	if client.IgnoreNotFound(err) != nil {
		return err
	}
	return e.mendTarget(ctx, left, kept.Data)
}

// behave clears the fault of the front before the store, if the spec has one.
func (e *Env) behave(ctx context.Context) error {
	namespace := e.Namespace + frontSuffix
	var pod corev1.Pod
	err := e.plain.Get(ctx, client.ObjectKey{Namespace: namespace, Name: frontName}, &pod)
	if err != nil || pod.Status.Phase != corev1.PodRunning {
		return client.IgnoreNotFound(err)
	}
	return front.Started(e.Kube, front.Options{Namespace: namespace, Name: frontName}).Clear(ctx)
}
