package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-csi/muster/internal/nearest"
)

// Capability is what a driver must be able to do for a clause to matter.
// Every clause belongs to one.
type Capability string

// The capabilities of the contract.
const (
	// Snap is taking snapshots that stay beside their volume.
	Snap Capability = "snap"
	// Bak is making backups, restoring and deleting them.
	Bak Capability = "bak"
	// Bi is making backing images and volumes that begin with them.
	Bi Capability = "bi"
	// Restore is making volumes from snapshots and from other volumes.
	Restore Capability = "restore"
	// Lifecycle is deleting snapshots and growing volumes.
	Lifecycle Capability = "lifecycle"
	// Limits is refusing what cannot work, with the right words.
	Limits Capability = "limits"
	// Backupstore is what lies in the object store, and how it is reached.
	Backupstore Capability = "backupstore"
	// Recurring is snapshots and backups by schedule.
	Recurring Capability = "recurring"
	// DR is standby volumes that follow the backups of another cluster.
	DR Capability = "dr"
	// StatefulSet is restoring all volumes of a StatefulSet together.
	StatefulSet Capability = "statefulset"
	// API is what the CSI calls answer, whatever they are about.
	API Capability = "api"
)

// AllCapabilities lists the capabilities in the order of their declaration.
func AllCapabilities() []Capability {
	return []Capability{Snap, Bak, Bi, Restore, Lifecycle, Limits, Backupstore, Recurring, DR, StatefulSet, API}
}

// ParseCapability returns the capability of that name; an unknown one is an
// error that suggests the nearest.
func ParseCapability(name string) (Capability, error) {
	all := AllCapabilities()
	if slices.Contains(all, Capability(name)) {
		return Capability(name), nil
	}
	names := make([]string, len(all))
	for i, capability := range all {
		names[i] = string(capability)
	}
	return "", fmt.Errorf("unknown capability %q; did you mean %s? There are %s", name, nearest.Of(name, names), strings.Join(names, ", "))
}

// arrival is the first release that has a capability, and what it is.
type arrival struct{ since, what string }

// arrivals has the capabilities that not all supported releases have.
var arrivals = map[Capability]arrival{Bi: {"1.5", "snapshots of type bi"}}

// missing says that the release does not have the capability; "" when it does.
func (c Capability) missing(release string) string {
	if came, ok := arrivals[c]; ok && older(release, came.since) {
		return fmt.Sprintf("%s came with Longhorn %s", came.what, came.since)
	}
	return ""
}
