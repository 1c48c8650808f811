// Package cli is iscsiadm as Longhorn and its go-iscsi-helper call it: the same
// flags, lines of output and exit codes as open-iscsi's, and nothing more.
package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/muster-csi/muster/internal/iscsi/admin"
	"github.com/muster-csi/muster/internal/iscsi/failure"
)

const (
	program = "iscsiadm"
	// version is the one of open-iscsi whose output this has.
	version = "2.1.8"
)

// Run does what the arguments say and returns the exit code. The daemon is the
// one that works in directory.
func Run(ctx context.Context, directory string, arguments []string, stdout, stderr io.Writer) int {
	o, err := parse(arguments)
	switch {
	case err != nil:
	case o.help:
		fmt.Fprintf(stdout, "Usage: %s --mode MODE [flags]\n\n%s", program, o.set.FlagUsages())
	case o.version:
		fmt.Fprintf(stdout, "%s version %s (muster-iscsi, in user space)\n", program, version)
	default:
		err = do(ctx, directory, o, stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %s\n", program, err)
	}
	return int(failure.CodeOf(err))
}

func do(ctx context.Context, directory string, o *options, stdout io.Writer) error {
	request := admin.Request{Operation: o.request(), Target: o.target, Portal: o.portal, Name: o.name, Value: o.value}
	response, err := admin.Ask(ctx, directory, request)
	switch {
	case request.Operation == admin.Login:
		printLogins(stdout, response.Sessions)
	case request.Operation == admin.Logout:
		printLogouts(stdout, response.Sessions)
	case request.Operation == admin.Rescan:
		printRescans(stdout, response.Sessions)
	case err != nil:
	case request.Operation == admin.Sessions && len(response.Sessions) == 0:
		err = failure.New(failure.NotFound, "No active sessions.")
	case request.Operation == admin.Sessions && o.detail == 3:
		printDetails(stdout, response.Sessions)
	case request.Operation == admin.Sessions:
		printSessions(stdout, response.Sessions)
	case request.Operation == admin.Records && o.target != "":
		printSettings(stdout, response.Records)
	case request.Operation == admin.Records || request.Operation == admin.Discover:
		printRecords(stdout, response.Records)
	}
	return err
}

// request returns what the flags ask the daemon for.
func (o *options) request() admin.Operation {
	switch {
	case o.mode == "discovery":
		return admin.Discover
	case o.mode == "session":
		return admin.Sessions
	case o.login:
		return admin.Login
	case o.logout:
		return admin.Logout
	case o.rescan:
		return admin.Rescan
	case o.operation == "update":
		return admin.Update
	case o.operation == "delete":
		return admin.Delete
	}
	return admin.Records
}
