// Package failure has the errors of the initiator that carry an exit code of
// iscsiadm, because callers such as Longhorn decide by that code.
package failure

import (
	"errors"
	"fmt"
)

// Code is an exit code of iscsiadm, from open-iscsi's iscsi_err.h.
type Code int

const (
	// Generic is any failure without a code of its own.
	Generic Code = 1
	// Transport is a portal that refused or lost the connection.
	Transport Code = 4
	// Login is a target that refused the login.
	Login Code = 5
	// Database is a record that could not be read or written.
	Database Code = 6
	// Invalid is an argument that means nothing.
	Invalid Code = 7
	// TransportTimeout is a portal that did not answer in time.
	TransportTimeout Code = 8
	// SessionExists is a session that is there already, or that keeps a record from being deleted.
	SessionExists Code = 15
	// NoDaemon is a daemon that cannot be reached.
	NoDaemon Code = 20
	// NotFound is a record or session that does not exist; Longhorn takes it for success when it removes them.
	NotFound Code = 21
)

// Error is a sentence with an exit code.
type Error struct {
	// Code is what iscsiadm exits with.
	Code Code
	// Message is one sentence, cause and remedy.
	Message string
	cause   error
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the error behind the sentence, or nil.
func (e *Error) Unwrap() error { return e.cause }

// New makes an error as fmt.Errorf does, %w included.
func New(code Code, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), cause: errors.Unwrap(err)}
}

// CodeOf returns the code of err, Generic when it carries none and 0 for nil.
func CodeOf(err error) Code {
	var failed *Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failed):
		return failed.Code
	}
	return Generic
}
