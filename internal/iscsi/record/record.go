// Package record keeps the targets that discovery found, with their settings,
// in one file: what open-iscsi calls the node database. Records outlive the daemon.
package record

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/muster-csi/muster/internal/iscsi/failure"
	"github.com/muster-csi/muster/internal/iscsi/portal"
	"github.com/muster-csi/muster/internal/nearest"
)

const (
	// ReplacementTimeout is how many seconds I/O waits for a lost connection to come back before it fails.
	ReplacementTimeout = "node.session.timeo.replacement_timeout"
	// AbortTimeout is the kernel's limit for aborting a command. It is kept and
	// shown because Longhorn sets it; qemu's initiator aborts nothing.
	AbortTimeout = "node.session.err_timeo.abort_timeout"
)

// defaults are open-iscsi's, in seconds.
var defaults = map[string]int{ReplacementTimeout: 120, AbortTimeout: 15}

// Record is one target at one portal.
type Record struct {
	// Target is the target's iSCSI name.
	Target string `json:"target"`
	// Portal is where it was found.
	Portal portal.Portal `json:"portal"`
	// Group is the target portal group tag.
	Group int `json:"group"`
	// Settings has a value in seconds for each name.
	Settings map[string]int `json:"settings"`
}

// Names returns the names of the settings in order.
func Names() []string {
	names := make([]string, 0, len(defaults))
	for name := range defaults {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// New returns a record with the settings that open-iscsi begins with.
func New(target string, at portal.Portal, group int) Record {
	settings := make(map[string]int, len(defaults))
	for name, value := range defaults {
		settings[name] = value
	}
	return Record{Target: target, Portal: at, Group: group, Settings: settings}
}

// Set changes one setting, whose value is a number of seconds not below 0.
func (r Record) Set(name, value string) error {
	if _, known := defaults[name]; !known {
		return failure.New(failure.Invalid, "the setting %q is unknown; did you mean %s?", name, nearest.Of(name, Names()))
	}
	seconds, err := strconv.Atoi(value)
	if err != nil || seconds < 0 {
		return failure.New(failure.Invalid, "%s cannot be %q: give a number of seconds, 0 or more", name, value)
	}
	r.Settings[name] = seconds
	return nil
}

// Store is the file of all records. Its methods must not run at the same time.
type Store struct {
	path    string
	records []Record
}

// Open reads the file, which need not exist.
func Open(path string) (*Store, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Store{path: path}, nil
	}
	store := &Store{path: path}
	if err == nil {
		err = json.Unmarshal(content, &store.records)
	}
	if err != nil {
		return nil, failure.New(failure.Database, "cannot read the records in %s (remove the file, discovery finds targets again): %w", path, err)
	}
	return store, nil
}

// Find returns the records of a target; of all targets when target is "", at
// all portals when at is nil.
func (s *Store) Find(target string, at *portal.Portal) []Record {
	var found []Record
	for _, record := range s.records {
		if (target == "" || record.Target == target) && (at == nil || record.Portal == *at) {
			found = append(found, record)
		}
	}
	return found
}

// Put adds records or puts them in the place of those for the same target and portal.
func (s *Store) Put(records ...Record) error {
	next := slices.DeleteFunc(slices.Clone(s.records), func(old Record) bool { return slices.ContainsFunc(records, old.same) })
	next = append(next, records...)
	slices.SortFunc(next, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Portal.String(), b.Portal.String()))
	})
	return s.write(next)
}

// Delete removes records; those that are not there are no error.
func (s *Store) Delete(records ...Record) error {
	return s.write(slices.DeleteFunc(slices.Clone(s.records), func(old Record) bool { return slices.ContainsFunc(records, old.same) }))
}

func (r Record) same(other Record) bool { return r.Target == other.Target && r.Portal == other.Portal }

// write makes records what the file holds, all or nothing.
func (s *Store) write(records []Record) error {
	content, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		return failure.New(failure.Database, "cannot encode the records: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(s.path), ".records-*")
	if err != nil {
		return failure.New(failure.Database, "cannot write the records: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(append(content, '\n'))
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), s.path)
	}
	if err != nil {
		return failure.New(failure.Database, "cannot write the records to %s: %w", s.path, err)
	}
	s.records = records
	return nil
}
