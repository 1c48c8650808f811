package handle

import "fmt"

// Reason is the closed list of what can be wrong with a handle.
type Reason int

const (
	// BadType means a missing or unknown type, or no name after it (H-10, H-11, H-12): InvalidArgument.
	BadType Reason = iota + 1
	// NotFound means an empty snapshot or backup name (H-13): NotFound.
	NotFound
	// BadImage means a bi handle without its mandatory keys or no URL at all (H-22): InvalidArgument.
	BadImage
	// Malformed means what real Longhorn lets pass and this driver does not (H-14, H-15): InvalidArgument.
	Malformed
)

// Error is a refused handle.
type Error struct {
	// Reason maps to a gRPC code.
	Reason Reason
	// Handle is the refused text.
	Handle string
	text   string
}

// Error is the sentence that the contract fixes, as far as it fixes one.
func (e *Error) Error() string { return e.text }

// UnknownType is the error for a handle of a type that does not exist.
func UnknownType(kind Type, text string) error {
	return &Error{BadType, text, fmt.Sprintf("invalid CSI snapshot type: %s. Must be snap, bak or bi", kind)}
}

func notFound(text string) error {
	return &Error{NotFound, text, fmt.Sprintf("volume source snapshot %s is not found", text)}
}

func badImage(text string) error {
	return &Error{BadImage, text, fmt.Sprintf("invalid CSI snapshotHandle %s for backing image", text)}
}

func malformed(text, why string) error {
	return &Error{Malformed, text, fmt.Sprintf("invalid CSI snapshotHandle %s: %s; expected <type>://<volume>/<name>", text, why)}
}
