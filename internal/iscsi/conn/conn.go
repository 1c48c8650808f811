// Package conn tells from /proc whether a process has a TCP connection, because
// qemu reports neither that it lost a target nor that it found it again.
package conn

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// stateEstablished is the state of a connection in /proc/PID/net/tcp.
const stateEstablished = "01"

// Established reports whether the process has any established TCP connection.
func Established(pid int) (bool, error) {
	directory := filepath.Join("/proc", strconv.Itoa(pid))
	sockets, err := socketsOf(directory)
	if err != nil {
		return false, err
	}
	for _, family := range []string{"tcp", "tcp6"} {
		table, err := os.ReadFile(filepath.Join(directory, "net", family))
		if err != nil {
			continue // a kernel without IPv6 has no tcp6
		}
		if anyEstablished(string(table), sockets) {
			return true, nil
		}
	}
	return false, nil
}

// socketsOf returns the inodes of the open sockets of a process.
func socketsOf(directory string) (map[string]bool, error) {
	entries, err := os.ReadDir(filepath.Join(directory, "fd"))
	if err != nil {
		return nil, fmt.Errorf("list the open files of a process: %w", err)
	}
	inodes := map[string]bool{}
	for _, entry := range entries {
		link, err := os.Readlink(filepath.Join(directory, "fd", entry.Name()))
		if err != nil {
			continue // closed since it was listed
		}
		if inode, ok := strings.CutPrefix(link, "socket:["); ok {
			inodes[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return inodes, nil
}

// anyEstablished looks through a table whose columns 4 and 10 are state and inode.
func anyEstablished(table string, sockets map[string]bool) bool {
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) > 9 && fields[3] == stateEstablished && sockets[fields[9]] {
			return true
		}
	}
	return false
}
