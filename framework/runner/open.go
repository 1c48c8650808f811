package runner

import (
	"context"

	"github.com/muster-csi/muster/framework/components"
)

// components builds what is missing.
func (e *e2e) components(ctx context.Context) (set *components.Set, err error) {
	if e.guest == nil {
		return Components(ctx, e.root, e.where(), e.Out, yardstickComponents(e.yardsticks)...)
	}
	e.guest.set, err = components.Ensure(ctx, components.Options{Root: e.root, Progress: e.Out})
	return e.guest.set, err
}

// open gets the cluster ready for the specs.
func (e *e2e) open(ctx context.Context) (*Session, error) {
	if e.guest != nil {
		return e.guest.open(ctx, e.terminal.Stage, e.terminal.Note)
	}
	if e.longhorn != nil {
		return openWith(ctx, e.where(), e.set, e.Out, e.terminal.Stage, e.longhorn.install)
	}
	return Open(ctx, e.where(), e.Contract, e.set, e.Out, e.terminal.Stage)
}

// downStage names the end of the cluster.
func (e *e2e) downStage() string {
	if e.guest != nil {
		return "run's own things removed"
	}
	return "cluster down"
}
