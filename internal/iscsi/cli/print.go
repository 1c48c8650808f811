package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/muster-csi/muster/internal/iscsi/admin"
	"github.com/muster-csi/muster/internal/iscsi/record"
	"github.com/muster-csi/muster/internal/iscsi/session"
)

// printRecords writes lines such as "10.0.0.1:3260,1 iqn.2019-10.io.longhorn:vol".
func printRecords(w io.Writer, records []record.Record) {
	for _, r := range records {
		fmt.Fprintf(w, "%s,%d %s\n", r.Portal, r.Group, r.Target)
	}
}

// printSettings writes records in full, as "name = value".
func printSettings(w io.Writer, records []record.Record) {
	for _, r := range records {
		fmt.Fprintf(w, "# BEGIN RECORD %s\n", version)
		fmt.Fprintf(w, "node.name = %s\nnode.tpgt = %d\nnode.startup = manual\n", r.Target, r.Group)
		fmt.Fprintf(w, "node.conn[0].address = %s\nnode.conn[0].port = %d\n", r.Portal.Host, r.Portal.Port)
		for _, name := range record.Names() {
			fmt.Fprintf(w, "%s = %d\n", name, r.Settings[name])
		}
		// The disk is there when a login ends: nobody has to look for it.
		fmt.Fprintf(w, "node.session.scan = auto\n# END RECORD\n")
	}
}

// printSessions writes lines such as "tcp: [1] 10.0.0.1:3260,1 iqn.2019-10.io.longhorn:vol (non-flash)".
func printSessions(w io.Writer, sessions []admin.Session) {
	for _, s := range sessions {
		fmt.Fprintf(w, "tcp: [%d] %s,%d %s (non-flash)\n", s.ID, s.Record.Portal, s.Record.Group, s.Record.Target)
	}
}

// connection and disk say how open-iscsi calls the state of a session's parts.
var (
	connection = map[session.State]string{session.Running: "LOGGED IN", session.Waiting: "TRANSPORT WAIT", session.Offline: "CLEANUP WAIT"}
	login      = map[session.State]string{session.Running: "LOGGED_IN", session.Waiting: "FAILED", session.Offline: "FREE"}
	disk       = map[session.State]string{session.Running: "running", session.Waiting: "blocked", session.Offline: "offline"}
)

// printDetails writes a block for each session. go-iscsi-helper looks for
// "Target: ", then for the portal, then for "Lun: 1", and takes the name in the
// line after that. It does not notice where the next session begins, so that
// each session must have all of them, whatever its state.
func printDetails(w io.Writer, sessions []admin.Session) {
	fmt.Fprintf(w, "iSCSI user-space initiator, version %s\n", version)
	for _, s := range sessions {
		fmt.Fprintf(w, "Target: %s (non-flash)\n", s.Record.Target)
		fmt.Fprintf(w, "\tCurrent Portal: %[1]s,%[2]d\n\tPersistent Portal: %[1]s,%[2]d\n", s.Record.Portal, s.Record.Group)
		heading(w, "Interface:")
		fmt.Fprintf(w, "\t\tIface Name: default\n\t\tIface Transport: tcp\n\t\tIface Initiatorname: %s\n", s.Initiator)
		fmt.Fprintf(w, "\t\tSID: %d\n\t\tiSCSI Connection State: %s\n\t\tiSCSI Session State: %s\n", s.ID, connection[s.State], login[s.State])
		heading(w, "Timeouts:")
		fmt.Fprintf(w, "\t\tRecovery Timeout: %d\n\t\tAbort Timeout: %d\n",
			s.Record.Settings[record.ReplacementTimeout], s.Record.Settings[record.AbortTimeout])
		heading(w, "Attached SCSI devices:")
		fmt.Fprintf(w, "\t\tHost Number: %d\tState: running\n", s.ID)
		fmt.Fprintf(w, "\t\tscsi%d Channel 00 Id 0 Lun: %d\n", s.ID, session.Lun)
		fmt.Fprintf(w, "\t\t\tAttached scsi disk %s\t\tState: %s\n", s.Device, disk[s.State])
	}
}

func heading(w io.Writer, text string) {
	stars := strings.Repeat("*", len(text))
	fmt.Fprintf(w, "\t\t%s\n\t\t%s\n\t\t%s\n", stars, text, stars)
}

func printLogins(w io.Writer, sessions []admin.Session) {
	for _, s := range sessions {
		fmt.Fprintf(w, "Login to [iface: default, target: %s, portal: %s,%d] successful.\n", s.Record.Target, s.Record.Portal.Host, s.Record.Portal.Port)
	}
}

func printLogouts(w io.Writer, sessions []admin.Session) {
	for _, s := range sessions {
		fmt.Fprintf(w, "Logout of [sid: %d, target: %s, portal: %s,%d] successful.\n", s.ID, s.Record.Target, s.Record.Portal.Host, s.Record.Portal.Port)
	}
}

func printRescans(w io.Writer, sessions []admin.Session) {
	for _, s := range sessions {
		fmt.Fprintf(w, "Rescanned session [sid: %d, target: %s, portal: %s,%d]\n", s.ID, s.Record.Target, s.Record.Portal.Host, s.Record.Portal.Port)
	}
}
