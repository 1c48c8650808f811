// Package session is one login at one target: a process of qemu that speaks
// iSCSI and shows the target's disk as a file, and a loop device on that file.
// Nothing of it outlives the daemon, which the kernel sees to. Which sessions
// there should be is none of its business.
package session

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/muster-csi/muster/driver/engine/loop"
	"github.com/muster-csi/muster/internal/iscsi/record"
)

// Lun is the disk of every target that is attached, the only one that Longhorn's targets have.
const Lun = 1

const (
	// loginLimit is below the 60 s after which Longhorn gives up on iscsiadm, and so are the others together.
	loginLimit  = 30 * time.Second
	flushLimit  = 10 * time.Second
	detachLimit = 2 * time.Second
)

// Options says what to log in to.
type Options struct {
	// ID is the number of the session, which nothing else has while the daemon runs.
	ID int
	// Record is the target, with the settings that hold for all of the session's life.
	Record record.Record
	// Directory is the session's own; Open makes it and Close removes it.
	Directory string
	// Initiator is the iSCSI name that the target sees.
	Initiator string
}

// Session is a login that stands until Close. Its methods may run at the same time, except Close.
type Session struct {
	options Options
	export  *export
	device  *loop.Device
	watch   *watch
	backing string
}

// Open logs in and returns when the block device is there.
func Open(ctx context.Context, options Options) (*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, loginLimit)
	defer cancel()
	if err := os.MkdirAll(options.Directory, 0o700); err != nil {
		return nil, fmt.Errorf("make the session's directory: %w", err)
	}
	export, err := newExport(ctx, options)
	if err != nil {
		os.RemoveAll(options.Directory)
		return nil, err
	}
	s := &Session{options: options, export: export}
	if err := s.attach(ctx); err != nil {
		export.stop(syscall.SIGTERM)
		os.RemoveAll(options.Directory)
		return nil, err
	}
	s.watch = startWatch(export, s.replacementTimeout())
	return s, nil
}

func (s *Session) attach(ctx context.Context) error {
	file, err := s.export.open()
	if err != nil {
		return err
	}
	defer file.Close()
	if s.device, err = attach(ctx, file); err != nil {
		return err
	}
	s.backing = backing(s.Device())
	return nil
}

func (s *Session) replacementTimeout() time.Duration {
	return time.Duration(s.options.Record.Settings[record.ReplacementTimeout]) * time.Second
}

// ID returns the session's number.
func (s *Session) ID() int { return s.options.ID }

// Record returns the target.
func (s *Session) Record() record.Record { return s.options.Record }

// Device returns the name of the block device, as "loop3".
func (s *Session) Device() string { return "loop" + strconv.Itoa(s.device.Number()) }

// State returns how the session stands now.
func (s *Session) State() State { return s.watch.state() }

// Rescan asks the target how large its disk is and lets the block device follow.
func (s *Session) Rescan(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loginLimit)
	defer cancel()
	if err := s.export.refresh(ctx); err != nil {
		return fmt.Errorf("ask the target %s for the size of its disk: %w", s.options.Record.Target, err)
	}
	return s.device.RefreshSize()
}

// Close logs out: first the device, so that everything written has gone to the
// target, then the process. A device that somebody has open still is cut off
// then, as the kernel's initiator does it, and goes with its last user.
func (s *Session) Close() {
	s.watch.stop()
	safe := flushed(s.device, flushLimit)
	name := filepath.Join("/dev", s.Device())
	if err := s.device.Close(); err != nil {
		slog.Warn("loop device not closed", "device", name, "error", err)
	}
	if !safe {
		slog.Warn("not everything written has reached the target", "device", name, "target", s.options.Record.Target)
		s.export.stop(syscall.SIGKILL)
	} else if !detached(s.Device(), s.backing, detachLimit) {
		slog.Warn("logged out while the device is in use", "device", name, "target", s.options.Record.Target)
	}
	s.export.stop(syscall.SIGTERM)
	detached(s.Device(), s.backing, detachLimit)
	if err := os.RemoveAll(s.options.Directory); err != nil {
		slog.Warn("the session's directory stays", "error", err)
	}
}
