package components

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"
)

// Options says what Ensure builds and where; the zero value builds everything
// into the user's cache and is silent.
type Options struct {
	Root     string    // repository root; "" looks for it with FindRoot
	Cache    string    // cache directory; "" is CacheDir
	Only     []string  // names from the catalogue; none means all that are not optional
	With     []string  // optional ones to build beside those
	Progress io.Writer // what is being built, n of m, elapsed; nil is silent
}

// Ensure builds whatever is missing in the cache and returns the complete set.
// It is safe to call from several processes at once: a thing is built by one of
// them. When nothing is missing it takes milliseconds and writes nothing. When
// ctx ends, or a build fails, what was finished is kept and nothing half-done.
func Ensure(ctx context.Context, opts Options) (*Set, error) {
	pl, err := newPlanner(ctx, opts)
	if err != nil {
		return nil, err
	}
	if err := pl.cat.checkNames(slices.Concat(opts.Only, opts.With)); err != nil {
		return nil, err
	}
	units, err := pl.plan(opts.Only, opts.With...)
	if err != nil {
		return nil, err
	}
	missing := pl.missing(units)
	took := map[slot]time.Duration{}
	if len(missing) > 0 {
		if err := pl.preflight(missing); err != nil {
			return nil, err
		}
		if took, err = pl.buildAll(ctx, missing, opts.Progress); err != nil {
			return nil, err
		}
	}
	pl.store.keepFresh(units)
	return newSet(pl, units, took)
}

// newPlanner fills in the defaults of opts.
func newPlanner(ctx context.Context, opts Options) (*planner, error) {
	var err error
	pl := &planner{root: opts.Root, store: store{dir: opts.Cache}}
	if pl.root == "" {
		if pl.root, err = FindRoot(); err != nil {
			return nil, err
		}
	}
	if pl.store.dir == "" {
		if pl.store.dir, err = CacheDir(); err != nil {
			return nil, err
		}
	}
	for _, dir := range []*string{&pl.root, &pl.store.dir} {
		if *dir, err = filepath.Abs(*dir); err != nil {
			return nil, err
		}
	}
	if pl.cat, err = readCatalogue(pl.root); err != nil {
		return nil, err
	}
	if pl.tool, err = findGo(ctx); err != nil {
		return nil, err
	}
	return pl, nil
}

// missing returns the units that are not in the cache.
func (pl *planner) missing(units []unit) []unit {
	var missing []unit
	for _, u := range units {
		if !pl.store.has(u.slot) {
			missing = append(missing, u)
		}
	}
	return missing
}

// preflight returns an error when building would end in one: a host package or
// room on the disk is missing.
func (pl *planner) preflight(missing []unit) error {
	uses := map[Use]bool{}
	for _, u := range missing {
		for _, use := range u.uses {
			uses[use] = true
		}
	}
	for _, use := range []Use{ForCgo, ForBase} {
		if !uses[use] {
			continue
		}
		if err := CheckHost(use); err != nil {
			return err
		}
	}
	if uses[ForBase] {
		if err := needRoot(); err != nil {
			return err
		}
	}
	return checkSpace(len(missing), pl.store.dir, pl.tool.cache, pl.tool.modCache)
}

// buildAll builds the units one after the other, each of them uses all CPUs,
// and returns how long each took.
func (pl *planner) buildAll(ctx context.Context, units []unit, w io.Writer) (took map[slot]time.Duration, err error) {
	p := newProgress(w, len(units))
	defer func() { p.end(err) }()
	took = map[slot]time.Duration{}
	for _, u := range units {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("interrupted before building %s: %w", u.label, context.Cause(ctx))
		}
		p.begin(u.label)
		start := time.Now()
		built, err := pl.store.make(ctx, u.slot, u.build)
		if err != nil {
			return nil, err
		}
		if built {
			took[u.slot] = time.Since(start)
		}
	}
	return took, nil
}
