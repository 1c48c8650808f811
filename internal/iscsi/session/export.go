package session

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	program = "qemu-storage-daemon"
	// node is the name of the target's disk inside qemu.
	node = "disk"
	// farewell is how long the process may take to write out what it has; a target that is gone takes for ever.
	farewell    = 5 * time.Second
	sectorBytes = 512
)

// export is a process that shows a disk of a target as a file. The file lies on
// a FUSE mount in a mount namespace of the process's own: with the process, the
// kernel removes the mount, and with the daemon, the process.
type export struct {
	command *exec.Cmd
	monitor *monitor
	file    string
	gone    chan struct{}
	said    *said
}

// newExport logs in. It returns when the file can be opened, or with the reason why not.
func newExport(ctx context.Context, options Options) (*export, error) {
	file := filepath.Join(options.Directory, "disk")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return nil, fmt.Errorf("make the file to mount on: %w", err)
	}
	talk, theirs, err := newMonitor()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	e := &export{command: exec.Command(program, arguments(options, file)...), monitor: talk, file: file,
		gone: make(chan struct{}), said: &said{}}
	e.command.Stdout, e.command.Stderr = e.said, e.said
	e.command.ExtraFiles = []*os.File{theirs}
	e.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Unshareflags: syscall.CLONE_NEWNS, Setpgid: true}
	if err := start(e.command); err != nil {
		talk.close()
		return nil, startError(err)
	}
	theirs.Close()
	go func() {
		_ = e.command.Wait() // how it ended is in what it said
		close(e.gone)
	}()
	if err := talk.greet(ctx); err != nil {
		e.stop(syscall.SIGKILL)
		return nil, e.loginError(ctx, options, err)
	}
	return e, nil
}

// arguments are in JSON: a name from the network with a comma in it must not become an option.
// They are taken in their order, so that the monitor speaks when all else is done.
func arguments(options Options, file string) []string {
	text := func(value map[string]any) string {
		encoded, _ := json.Marshal(value) // strings and numbers only
		return string(encoded)
	}
	return []string{
		"--blockdev", text(map[string]any{"driver": "iscsi", "node-name": node, "transport": "tcp", "portal": options.Record.Portal.String(),
			"target": options.Record.Target, "lun": Lun, "initiator-name": options.Initiator, "discard": "unmap"}),
		"--export", text(map[string]any{"type": "fuse", "id": "file", "node-name": node, "mountpoint": file,
			"writable": true, "growable": false, "allow-other": "auto"}),
		"--chardev", "socket,id=monitor,fd=3",
		"--monitor", "chardev=monitor",
	}
}

// open opens the file, which only the process itself sees under its name.
func (e *export) open() (*os.File, error) {
	file, err := os.OpenFile(e.path(), os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open the target's disk: %w", err)
	}
	return file, nil
}

func (e *export) path() string {
	return filepath.Join("/proc", strconv.Itoa(e.command.Process.Pid), "root", e.file)
}

// refresh takes on the size that the target's disk has now. For any size in the
// command, qemu changes nothing at the target and asks it for the disk's size;
// it must not be larger than the disk, which a sector never is.
func (e *export) refresh(ctx context.Context) error {
	if err := e.monitor.execute(ctx, "block_resize", map[string]any{"node-name": node, "size": sectorBytes}); err != nil {
		return err
	}
	// The kernel asks for the size of the file again only when it is made to.
	return unix.Statx(unix.AT_FDCWD, e.path(), unix.AT_STATX_FORCE_SYNC, unix.STATX_SIZE, &unix.Statx_t{})
}

// stop ends the process, which it may refuse for farewell at most, and waits for its end.
func (e *export) stop(signal syscall.Signal) {
	_ = e.command.Process.Signal(signal) // it may be gone already
	late := time.AfterFunc(farewell, func() { _ = e.command.Process.Kill() })
	<-e.gone
	late.Stop()
	e.monitor.close()
}

func (e *export) alive() bool {
	select {
	case <-e.gone:
		return false
	default:
		return true
	}
}
