package audit

import (
	"errors"
	"slices"
	"strings"
)

// Result is what Run found in a store.
type Result struct {
	// Counts are the sums over all volumes.
	Counts Counts `json:"counts"`
	// Volumes are those that were looked at, in the order of their names.
	Volumes []Volume `json:"volumes"`
	// Violations is everything that is wrong, in the order of volume and object.
	Violations []Violation `json:"violations,omitempty"`
}

// Counts says how much there is. Backups are those that are finished and readable.
type Counts struct {
	Volumes int `json:"volumes"`
	Backups int `json:"backups"`
	// Blocks is the number of block objects, BytesStored their size in the store.
	Blocks      int   `json:"blocks"`
	BytesStored int64 `json:"bytesStored"`
	// BytesReferenced is what all backups hold, uncompressed, shared blocks
	// counted for each of them.
	BytesReferenced int64 `json:"bytesReferenced"`
}

// Err returns nil for a clean store, otherwise every Violation joined.
func (r *Result) Err() error {
	errs := make([]error, len(r.Violations))
	for i, v := range r.Violations {
		errs[i] = v
	}
	return errors.Join(errs...)
}

// Lost returns the backups that cannot be restored, as volume/backup, each once, sorted.
func (r *Result) Lost() []string {
	var lost []string
	for _, v := range r.Violations {
		for _, backup := range v.Backups {
			if v.Lost {
				lost = append(lost, v.Volume+"/"+backup)
			}
		}
	}
	slices.Sort(lost)
	return slices.Compact(lost)
}

// Volume returns a volume by its name, false when the store holds nothing of it.
func (r *Result) Volume(name string) (Volume, bool) {
	i := slices.IndexFunc(r.Volumes, func(v Volume) bool { return v.Name == name })
	if i < 0 {
		return Volume{}, false
	}
	return r.Volumes[i], true
}

// Backup returns a finished backup by its name, false when there is none.
func (r *Result) Backup(volume, name string) (Backup, bool) {
	v, _ := r.Volume(volume)
	i := slices.IndexFunc(v.Backups, func(b Backup) bool { return b.Name == name })
	if i < 0 {
		return Backup{}, false
	}
	return v.Backups[i], true
}

// finish sorts and counts.
func (r *Result) finish() {
	slices.SortFunc(r.Violations, Violation.compare)
	slices.SortStableFunc(r.Volumes, func(a, b Volume) int { return strings.Compare(a.Name, b.Name) })
	r.Counts = Counts{Volumes: len(r.Volumes)}
	for _, volume := range r.Volumes {
		r.Counts.Backups += len(volume.Backups)
		r.Counts.Blocks += volume.Blocks
		r.Counts.BytesStored += volume.BytesStored
		for _, backup := range volume.Backups {
			r.Counts.BytesReferenced += int64(backup.BlockCount) * backup.BlockSize
		}
	}
}
