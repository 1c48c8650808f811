// Package daemon holds the records and sessions of one node and does what
// iscsiadm asks for. Sessions end with it: by logging out when it is told to
// stop, by the kernel's hand when it is killed. Records stay.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/muster-csi/muster/internal/iscsi/admin"
	"github.com/muster-csi/muster/internal/iscsi/record"
	"github.com/muster-csi/muster/internal/iscsi/session"
	"github.com/muster-csi/muster/internal/iscsi/sysfs"
)

// Name is what the process is found by.
const Name = "iscsid"

// Options says how a daemon works.
type Options struct {
	// Directory keeps the records, the socket and what sessions need. One daemon uses it at a time.
	Directory string
	// Initiator is the iSCSI name that targets see.
	Initiator string
	// SysBlock gives the devices a /sys/block/NAME/device/timeout in the daemon's mount namespace.
	SysBlock bool
}

type daemon struct {
	options Options
	claims  claims

	mu       sync.Mutex
	store    *record.Store
	sessions []*session.Session
	last     int
}

// Run works until ctx ends. It first removes what a daemon that was killed has left.
func Run(ctx context.Context, options Options) error {
	if err := os.MkdirAll(options.Directory, 0o700); err != nil {
		return fmt.Errorf("make the state directory: %w", err)
	}
	lock, err := lock(options.Directory)
	if err != nil {
		return err
	}
	defer lock.Close()
	d := &daemon{options: options}
	if err := d.removeLeft(); err != nil {
		return err
	}
	if d.store, err = record.Open(filepath.Join(options.Directory, "records.json")); err != nil {
		return err
	}
	if err := os.WriteFile("/proc/self/comm", []byte(Name), 0); err != nil {
		return fmt.Errorf("take the name %s: %w", Name, err)
	}
	listener, err := admin.Listen(options.Directory)
	if err != nil {
		return err
	}
	slog.Info("ready", "directory", options.Directory, "initiator", options.Initiator, "records", len(d.store.Find("", nil)))
	err = admin.Serve(ctx, listener, d)
	d.logoutAll()
	return err
}

// lock makes sure that one daemon uses the directory. The kernel frees it with the process.
func lock(directory string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(directory, "lock"), os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the lock of the state directory: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("a daemon already works in %s: stop it, or give another --state-dir (%w)", directory, err)
	}
	return file, nil
}

// removeLeft removes the files and views of sessions that died with their daemon.
func (d *daemon) removeLeft() error {
	err := os.RemoveAll(d.sessionsDirectory())
	if d.options.SysBlock {
		err = errors.Join(err, sysfs.UncoverAll())
	}
	if err != nil {
		return fmt.Errorf("remove what an earlier daemon left: %w", err)
	}
	return nil
}

func (d *daemon) sessionsDirectory() string { return filepath.Join(d.options.Directory, "sessions") }

func (d *daemon) logoutAll() {
	var ending sync.WaitGroup
	for _, s := range d.find("", nil) {
		ending.Go(func() { d.close(s) })
	}
	ending.Wait()
}
