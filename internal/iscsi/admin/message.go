// Package admin is how iscsiadm talks with the daemon: over a Unix socket, one
// request and one answer for each connection, each one line of JSON.
package admin

import (
	"path/filepath"

	"github.com/muster-csi/muster/internal/iscsi/failure"
	"github.com/muster-csi/muster/internal/iscsi/portal"
	"github.com/muster-csi/muster/internal/iscsi/record"
	"github.com/muster-csi/muster/internal/iscsi/session"
)

// DefaultDirectory is where the daemon keeps its state when it is told nothing else.
const DefaultDirectory = "/var/lib/muster-iscsi"

// Socket returns the path of the daemon's socket.
func Socket(directory string) string { return filepath.Join(directory, "socket") }

// Operation is what is asked for.
type Operation string

const (
	// Discover asks the portal for its targets and keeps them as records.
	Discover Operation = "discover"
	// Records lists records.
	Records Operation = "records"
	// Update changes the setting Name of records to Value.
	Update Operation = "update"
	// Delete removes records that no session uses.
	Delete Operation = "delete"
	// Login makes a session for each record.
	Login Operation = "login"
	// Logout ends sessions.
	Logout Operation = "logout"
	// Rescan lets the devices of sessions follow the size of their disks.
	Rescan Operation = "rescan"
	// Sessions lists sessions.
	Sessions Operation = "sessions"
)

// Request is one line to the daemon.
type Request struct {
	// Operation decides what the others mean.
	Operation Operation `json:"operation"`
	// Target chooses records and sessions by iSCSI name; "" takes all.
	Target string `json:"target,omitempty"`
	// Portal chooses records and sessions by portal, all when it is missing; Discover needs it.
	Portal *portal.Portal `json:"portal,omitempty"`
	// Name and Value are the setting that Update changes.
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
}

// Response is one line from the daemon. What was done is there beside a failure too.
type Response struct {
	// Records are those that were found or made.
	Records []record.Record `json:"records,omitempty"`
	// Sessions are those that were found, made or ended.
	Sessions []Session `json:"sessions,omitempty"`
	// Code is 0, or what iscsiadm exits with.
	Code failure.Code `json:"code,omitempty"`
	// Message says what failed.
	Message string `json:"message,omitempty"`
}

// Session describes a session.
type Session struct {
	// ID is the number that iscsiadm shows.
	ID int `json:"id"`
	// Record is the target with the settings at the login.
	Record record.Record `json:"record"`
	// Initiator is the iSCSI name that the target sees.
	Initiator string `json:"initiator"`
	// Device is the name of the block device, as "loop3".
	Device string `json:"device"`
	// State is how the session stands.
	State session.State `json:"state"`
}
