package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// oneChangePerVolume holds the invariant that at most one operation changes
// the files of a volume or its snapshots at a time. Different volumes never
// wait for each other.
type oneChangePerVolume struct {
	mu      sync.Mutex
	entries map[string]*lockEntry
}

// lockEntry exists as long as somebody holds the lock or waits for it.
type lockEntry struct {
	token chan struct{}
	users int
}

// lock waits until all volumes are free and returns what frees them again. The
// order is always the same, so that two clones in opposite directions cannot
// wait for each other.
func (l *oneChangePerVolume) lock(ctx context.Context, volumes ...string) (unlock func(), err error) {
	volumes = slices.Compact(slices.Sorted(slices.Values(volumes)))
	var held []string
	unlock = func() {
		for _, volume := range held {
			l.leave(volume, true)
		}
	}
	for _, volume := range volumes {
		select {
		case l.enter(volume) <- struct{}{}:
			held = append(held, volume)
		case <-ctx.Done():
			l.leave(volume, false)
			unlock()
			return nil, fmt.Errorf("waited for another operation on volume %s: %w", volume, context.Cause(ctx))
		}
	}
	return unlock, nil
}

func (l *oneChangePerVolume) enter(volume string) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.entries == nil {
		l.entries = make(map[string]*lockEntry)
	}
	entry := l.entries[volume]
	if entry == nil {
		entry = &lockEntry{token: make(chan struct{}, 1)}
		l.entries[volume] = entry
	}
	entry.users++
	return entry.token
}

func (l *oneChangePerVolume) leave(volume string, held bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry := l.entries[volume]
	if held {
		<-entry.token
	}
	entry.users--
	if entry.users == 0 {
		delete(l.entries, volume)
	}
}
