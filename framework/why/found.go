package why

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// found is an object that was looked for.
type found[T any] struct {
	// label is kind and name; "" when there was nothing to look for.
	label string
	// object is nil when it does not exist or could not be read.
	object *T
	// absent says that it does not exist.
	absent bool
}

// step describes the object in the words of says, or that it is missing.
func (f found[T]) step(says func(*T) string) []Step {
	switch {
	case f.object != nil:
		return []Step{{f.label, oneLine(says(f.object), saysWidth)}}
	case f.absent:
		return []Step{{f.label, "does not exist"}}
	}
	return nil
}

// looker reads objects, each kind of system object once.
type looker struct {
	source Source
	now    time.Time
	system *system
	// unread is what could not be read, as steps.
	unread []Step
	// visited keeps a circle of sources from being walked for ever.
	visited map[string]bool
}

func newLooker(source Source, now time.Time) *looker {
	return &looker{source: source, now: now, visited: map[string]bool{}}
}

// find reads one object; an empty name is nothing to look for.
func find[T any, P interface {
	*T
	client.Object
}](ctx context.Context, l *looker, kind, namespace, name string) found[T] {
	if name == "" {
		return found[T]{}
	}
	f := found[T]{label: labelOf(kind, namespace, name)}
	object := P(new(T))
	err := l.source.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object)
	switch {
	case err == nil:
		f.object = (*T)(object)
	case apierrors.IsNotFound(err):
		f.absent = true
	default:
		l.cannotRead(f.label, err)
	}
	return f
}

// must reads the subject itself.
func must[T any, P interface {
	*T
	client.Object
}](ctx context.Context, l *looker, subject Subject) (found[T], error) {
	f := found[T]{label: subject.String()}
	object := P(new(T))
	if err := l.source.Client.Get(ctx, client.ObjectKey{Namespace: subject.Namespace, Name: subject.Name}, object); err != nil {
		return f, cannotAsk(subject, err)
	}
	f.object = (*T)(object)
	return f, nil
}

// cannotAsk says why the subject cannot be read.
func cannotAsk(subject Subject, err error) error {
	switch {
	case apierrors.IsNotFound(err) && subject.Kind.Name == LonghornCut.Name:
		return fmt.Errorf("%s does not exist; for a VolumeSnapshot write volumesnapshot/%s", subject, subject.Name)
	case apierrors.IsNotFound(err) && subject.Kind.scope == namespaced:
		return fmt.Errorf("%s does not exist; name another namespace with -n", subject)
	case apierrors.IsNotFound(err):
		return fmt.Errorf("%s does not exist", subject)
	}
	return fmt.Errorf("cannot read %s: %w", subject, err)
}

// list reads the objects of a kind; what cannot be read is noted.
func (l *looker) list(ctx context.Context, what string, list client.ObjectList, options ...client.ListOption) bool {
	if err := l.source.Client.List(ctx, list, options...); err != nil {
		l.cannotRead(what, err)
		return false
	}
	return true
}

func (l *looker) cannotRead(what string, err error) {
	l.unread = append(l.unread, Step{what, "cannot be read: " + oneLine(err.Error(), saysWidth)})
}

// labelOf names an object; the namespace of Longhorn's is always the same and left out.
func labelOf(kind, namespace, name string) string {
	if namespace == "" || isLonghorn(kind) {
		return kind + " " + name
	}
	return kind + " " + namespace + "/" + name
}
