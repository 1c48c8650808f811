package components

import "syscall"

// ownGroup gives a build a process group of its own, and ends it with muster.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
}
