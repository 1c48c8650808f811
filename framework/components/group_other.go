//go:build !linux

package components

import "syscall"

// ownGroup gives a build a process group of its own.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
