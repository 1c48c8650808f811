package nfs4

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
)

// StatusError is what the server answered instead of a result.
type StatusError struct {
	// Operation is what it refused, in the protocol's words, such as OP_LOOKUP.
	Operation string
	Status    nfsv4.Nfsstat4
}

// Error names the operation and the server's answer.
func (e *StatusError) Error() string {
	name, found := nfsv4.Nfsstat4_name[e.Status]
	if !found {
		name = fmt.Sprintf("status %d", e.Status)
	}
	operation := strings.ToLower(strings.TrimPrefix(e.Operation, "OP_"))
	return fmt.Sprintf("the server refuses %s: %s", operation, name)
}

// Unwrap returns the operating system's word for the answer.
func (e *StatusError) Unwrap() error { return e.errno() }

// differing are the answers whose number is not that of the same error in Linux.
var differing = map[nfsv4.Nfsstat4]syscall.Errno{
	nfsv4.NFS4ERR_NOTEMPTY:    syscall.ENOTEMPTY,
	nfsv4.NFS4ERR_NAMETOOLONG: syscall.ENAMETOOLONG,
	nfsv4.NFS4ERR_DQUOT:       syscall.EDQUOT,
	nfsv4.NFS4ERR_STALE:       syscall.ESTALE,
	nfsv4.NFS4ERR_BADHANDLE:   syscall.ESTALE,
	nfsv4.NFS4ERR_FHEXPIRED:   syscall.ESTALE,
	nfsv4.NFS4ERR_NOTSUPP:     syscall.EOPNOTSUPP,
	nfsv4.NFS4ERR_ATTRNOTSUPP: syscall.EOPNOTSUPP,
	nfsv4.NFS4ERR_SYMLINK:     syscall.ELOOP,
	nfsv4.NFS4ERR_BADNAME:     syscall.EINVAL,
	nfsv4.NFS4ERR_BADCHAR:     syscall.EINVAL,
	nfsv4.NFS4ERR_BADOWNER:    syscall.EINVAL,
	nfsv4.NFS4ERR_FILE_OPEN:   syscall.EBUSY,
	nfsv4.NFS4ERR_LOCKED:      syscall.EAGAIN,
	nfsv4.NFS4ERR_WRONGSEC:    syscall.EPERM,
	nfsv4.NFS4ERR_WRONG_TYPE:  syscall.EINVAL,
	nfsv4.NFS4ERR_OPENMODE:    syscall.EBADF,

	nfsv4.NFS4ERR_SHARE_DENIED:        syscall.EACCES,
	nfsv4.NFS4ERR_MINOR_VERS_MISMATCH: syscall.EPROTONOSUPPORT,
}

// errno is EIO for everything that Linux has no word for.
func (e *StatusError) errno() syscall.Errno {
	if number, found := differing[e.Status]; found {
		return number
	}
	if e.Status > 0 && e.Status < 64 { // the protocol took these numbers from Unix
		return syscall.Errno(e.Status)
	}
	return syscall.EIO
}

// Errno is the operating system's number for an error of this package: EIO when
// the server did not answer or what it said has none, 0 for no error.
func Errno(err error) syscall.Errno {
	var status *StatusError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return status.errno()
	}
	return syscall.EIO
}

// is reports whether the server answered with one of these.
func is(err error, any ...nfsv4.Nfsstat4) bool {
	var status *StatusError
	if !errors.As(err, &status) {
		return false
	}
	for _, each := range any {
		if status.Status == each {
			return true
		}
	}
	return false
}
