//go:build linux

package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// record is what is remembered of a cluster between commands. It is written
// before anything that would have to be cleaned up is made.
type record struct {
	Name       string    `json:"name"`
	Boot       string    `json:"boot"` // boot ID of the machine
	Supervisor procID    `json:"supervisor"`
	Watcher    procID    `json:"watcher"`
	Link       string    `json:"link"`      // interface on the host
	Subnet     string    `json:"subnet"`    // what the host routes to it
	NodeIP     string    `json:"nodeIP"`    //
	Cgroup     string    `json:"cgroup"`    // name below every hierarchy
	Committed  bool      `json:"committed"` // Up returned
	Started    time.Time `json:"started"`
}

// procID identifies a process beyond the reuse of its number.
type procID struct {
	PID   int    `json:"pid"`
	Start string `json:"start"` // clock ticks since boot
}

// errNoRecord means that nothing is remembered of the cluster.
var errNoRecord = errors.New("no record of this cluster")

func loadRecord(l layout) (*record, error) {
	data, err := os.ReadFile(l.record())
	if errors.Is(err, os.ErrNotExist) {
		return nil, errNoRecord
	}
	if err != nil {
		return nil, fmt.Errorf("read the state of cluster %q: %w", l.name, err)
	}
	r := &record{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("read the state of cluster %q: %w", l.name, err)
	}
	return r, nil
}

// save writes the record as a whole or not at all.
func (r *record) save(l layout) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	tmp := l.record() + ".tmp"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return fmt.Errorf("write the state of cluster %q: %w", l.name, err)
	}
	return os.Rename(tmp, l.record())
}

// running tells whether the cluster's first process is alive.
func (r *record) running() bool {
	return r.Boot == bootID() && r.Supervisor.alive()
}

// identify returns the identity of a live process, the zero procID when there
// is none.
func identify(pid int) procID {
	if start, state := procStat(pid); state != "" && state != "Z" && state != "X" {
		return procID{PID: pid, Start: start}
	}
	return procID{}
}

// alive tells whether exactly this process still runs; one that merely awaits
// collection by its parent does not.
func (p procID) alive() bool {
	return p.PID > 0 && identify(p.PID) == p
}

// procStat returns start time and state letter of a process, "" when there is
// no such process.
func procStat(pid int) (start, state string) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", ""
	}
	return parseStat(string(data))
}

// parseStat reads fields 3 (state) and 22 (start time) of /proc/PID/stat. The
// program name in field 2 may contain spaces and parentheses.
func parseStat(line string) (start, state string) {
	end := strings.LastIndexByte(line, ')')
	if end < 0 {
		return "", ""
	}
	fields := strings.Fields(line[end+1:])
	if len(fields) < 20 {
		return "", ""
	}
	return fields[19], fields[0]
}

func bootID() string {
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
