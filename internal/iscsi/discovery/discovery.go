// Package discovery asks a portal for its targets (SendTargets, RFC 7143
// appendix C). iscsi-ls of Debian's libiscsi-bin does it: it stands on libiscsi,
// which qemu's initiator uses too, so that both agree on what a target may say.
package discovery

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/muster-csi/muster/internal/iscsi/failure"
	"github.com/muster-csi/muster/internal/iscsi/portal"
	"github.com/muster-csi/muster/internal/iscsi/record"
)

const program = "iscsi-ls"

// Timeout is how long a portal may take to name its targets, below the 60 s
// after which Longhorn gives up on iscsiadm.
const Timeout = 30 * time.Second

// SendTargets returns the targets that the portal at names, with the portals
// at which it says they are.
func SendTargets(ctx context.Context, at portal.Portal, initiator string) ([]record.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	command := exec.CommandContext(ctx, program, "--initiator-name="+initiator, "iscsi://"+at.String())
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	// It must not outlive the daemon, also when that is killed.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := command.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, failure.New(failure.Generic, "the program %s is missing: install the package libiscsi-bin", program)
	case ctx.Err() != nil:
		return nil, failure.New(failure.TransportTimeout, "the portal %s did not name its targets within %s: is it an iSCSI target?", at, Timeout)
	case err != nil:
		return nil, failure.New(failure.Transport, "the portal %s cannot be asked for its targets (%w): %s", at, err, lastLine(stderr.String()))
	}
	return parse(stdout.String())
}

// parse reads lines of the form "Target:IQN Portal:ADDRESS,GROUP".
func parse(output string) ([]record.Record, error) {
	var found []record.Record
	for line := range strings.Lines(output) {
		target, address, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "Target:"), " Portal:")
		if !ok || target == "" {
			return nil, failure.New(failure.Generic, "%s said %q, which names no target", program, line)
		}
		at, err := portal.Parse(address)
		if err != nil {
			return nil, err
		}
		found = append(found, record.New(target, at, groupOf(address)))
	}
	return found, nil
}

// groupOf returns the portal group tag behind the comma, 1 when there is none.
func groupOf(address string) int {
	_, tag, _ := strings.Cut(address, ",")
	if group, err := strconv.Atoi(tag); err == nil {
		return group
	}
	return 1
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
