// Package audit reads a Longhorn backup store on its own, without Kubernetes
// and without Longhorn's code, and says everything that is wrong with it: that
// the format is read here a second time, from its description, is the point.
// It writes nothing into a store.
package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options says what Run looks at and what it may take for granted.
type Options struct {
	// Volumes are the names of the volumes to look at; none means all.
	Volumes []string
	// Running says that backups, restores and deletions may be going on: locks,
	// backups in progress and half-written files are then no violations, and any
	// other one counts only when a second look at the volume finds it again.
	Running bool
}

// Run reads everything that the store holds of the volumes. What is wrong with
// the store is in the result; the error is that the store could not be read.
func Run(ctx context.Context, store Store, opts Options) (*Result, error) {
	a := &auditor{store: store, running: opts.Running, result: &Result{}}
	var err error
	if len(opts.Volumes) == 0 {
		err = a.everything(ctx)
	} else {
		err = a.only(ctx, opts.Volumes)
	}
	if err != nil {
		return nil, err
	}
	a.result.finish()
	return a.result, nil
}

// auditor collects a result volume by volume.
type auditor struct {
	store   Store
	running bool
	result  *Result
}

// only looks at the named volumes, each once.
func (a *auditor) only(ctx context.Context, volumes []string) error {
	for _, volume := range slices.Compact(slices.Sorted(slices.Values(volumes))) {
		if !validName.MatchString(volume) {
			return fmt.Errorf("%q cannot be the name of a volume: give the name that Longhorn's BackupVolume shows, such as pvc-1234", volume)
		}
		inv, err := takeInventory(ctx, a.store, folderOf(volume))
		if err != nil {
			return err
		}
		if inv.empty() {
			a.result.Violations = append(a.result.Violations, Violation{
				Kind: KindVolumeAbsent, Volume: volume, Object: inv.folder.path,
				Text: "the store holds nothing of this volume: check the name, the bucket and the path of the backup target",
			})
			continue
		}
		if err := a.volume(ctx, inv); err != nil {
			return err
		}
	}
	return nil
}

// everything looks at all volumes. The objects of a volume follow one another in
// a listing, so only one volume's inventory is held at a time.
func (a *auditor) everything(ctx context.Context) error {
	var inv *inventory
	for object, err := range a.store.List(ctx, base) {
		if err != nil {
			return err
		}
		at, ok := folderOfKey(object.Key)
		if !ok {
			a.stray(object)
			continue
		}
		if inv != nil && inv.folder != at {
			if err := a.volume(ctx, inv); err != nil {
				return err
			}
			inv = nil
		}
		if inv == nil {
			inv = newInventory(at)
		}
		inv.add(object)
	}
	if inv == nil {
		return nil
	}
	return a.volume(ctx, inv)
}

// stray reports an object that lies in no volume's folder.
func (a *auditor) stray(object Object) {
	if v, wrong := unknownObject("", object, a.running); wrong {
		a.result.Violations = append(a.result.Violations, v)
	}
}

// volume adds one volume to the result. While operations may be running, a
// listing is no snapshot of the store: what a second look does not confirm was
// only on its way.
func (a *auditor) volume(ctx context.Context, inv *inventory) error {
	info, found, err := lookAt(ctx, a.store, inv, a.running)
	if err != nil {
		return err
	}
	if a.running && len(found) > 0 {
		if inv, err = takeInventory(ctx, a.store, inv.folder); err != nil || inv.empty() {
			return err // empty: the volume was deleted meanwhile
		}
		first := found
		if info, found, err = lookAt(ctx, a.store, inv, a.running); err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(v Violation) bool { return !slices.ContainsFunc(first, v.sameAs) })
	}
	a.result.Volumes = append(a.result.Volumes, info)
	a.result.Violations = append(a.result.Violations, found...)
	return nil
}

// lookAt reads one volume once.
func lookAt(ctx context.Context, store Store, inv *inventory, running bool) (Volume, []Violation, error) {
	l := &look{store: store, inv: inv, running: running, now: time.Now(), info: Volume{Name: inv.folder.volume}}
	for _, step := range []func(context.Context) error{l.readConfig, l.readBackups, l.checkBlocks} {
		if err := step(ctx); err != nil {
			return Volume{}, nil, err
		}
	}
	l.checkCounts()
	l.checkLeftovers()
	return l.info, l.violations, nil
}

// names writes backups into a sentence.
func names(backups []string) string {
	if len(backups) == 1 {
		return "backup " + backups[0]
	}
	return fmt.Sprintf("%d backups (%s)", len(backups), strings.Join(backups, ", "))
}
