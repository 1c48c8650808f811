package components

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// keptVersions is how many versions of a program of this repository the cache
// keeps. They change with every edit, unlike the pinned components, which are
// never removed. A version in use was touched just now, so it is among them.
const keptVersions = 5

// keepFresh marks this repository's own programs and images among the units as
// used now and removes all but the last used versions of each.
func (st store) keepFresh(units []unit) {
	now := time.Now()
	for _, u := range units {
		if !strings.HasPrefix(u.kind, "product") {
			continue
		}
		// Both are housekeeping: a failure costs disk space, never correctness.
		_ = os.Chtimes(st.path(u.slot), now, now)
		st.prune(u.kind, u.name)
	}
}

// prune removes all but the last used versions of one thing.
func (st store) prune(kind, name string) {
	paths, err := filepath.Glob(filepath.Join(st.dir, kind, name+"-????????????????"))
	if err != nil || len(paths) <= keptVersions {
		return
	}
	used := func(path string) time.Time {
		info, err := os.Stat(path)
		if err != nil {
			return time.Time{}
		}
		return info.ModTime()
	}
	slices.SortFunc(paths, func(a, b string) int { return used(b).Compare(used(a)) })
	for _, path := range paths[keptVersions:] {
		_ = os.RemoveAll(path)
	}
}
