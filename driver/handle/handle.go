// Package handle reads and writes CSI snapshot handles: snap://volume/snapshot,
// bak://volume/backup (also in its legacy spelling bs://) and bi://backing?keys.
// It knows the grammar of contract section 1 and nothing about what exists.
package handle

import (
	"strings"
)

// Type is the kind of snapshot that a handle names.
type Type string

const (
	// Snap is a snapshot inside the volume.
	Snap Type = "snap"
	// Bak is a backup in the backupstore.
	Bak Type = "bak"
	// Bi is a backing image.
	Bi Type = "bi"

	// legacyBak is read as Bak and never written (H-03, H-21).
	legacyBak Type = "bs"
	separator      = "://"
)

// Handle is a decoded snapshot handle. Volume and ID are set for Snap and Bak,
// Image for Bi.
type Handle struct {
	// Type is Snap, Bak or Bi.
	Type Type
	// Volume is the name of the source volume.
	Volume string
	// ID is the name of the Snapshot or Backup.
	ID string
	// Image is what a Bi handle says.
	Image Image
}

// NewSnap returns the handle of a Snapshot of a volume (H-01).
func NewSnap(volume, snapshot string) Handle { return Handle{Type: Snap, Volume: volume, ID: snapshot} }

// NewBak returns the handle of a Backup of a volume (H-02).
func NewBak(volume, backup string) Handle { return Handle{Type: Bak, Volume: volume, ID: backup} }

// String is the wire form. A legacy handle is written in its present form.
func (h Handle) String() string {
	if h.Type == Bi {
		return string(Bi) + separator + imageHost + "?" + h.Image.encode()
	}
	return string(h.Type) + separator + h.Volume + "/" + h.ID
}

// Leniency lists what Parse may let pass as real Longhorn does. The zero value is strict.
type Leniency struct {
	// EmptyVolume accepts snap:///x (H-14).
	EmptyVolume bool
	// Tail drops what follows the second name: snap://v/s/extra (H-15).
	Tail bool
}

// Parse decodes a handle. Its errors are *Error and say which clause is broken.
func Parse(text string, lenient Leniency) (Handle, error) {
	pieces := strings.Split(text, separator)
	if len(pieces) < 2 {
		return Handle{}, UnknownType("", text)
	}
	kind := Type(pieces[0])
	if kind == Bi {
		return parseImage(text)
	}
	names := strings.Split(pieces[1], "/")
	if len(names) < 2 {
		// The scheme is lost in the message as well, which the suite relies on (H-11).
		return Handle{}, UnknownType("", text)
	}
	if kind == legacyBak {
		kind = Bak
	}
	if kind != Snap && kind != Bak {
		return Handle{}, UnknownType(kind, text)
	}
	if names[1] == "" {
		return Handle{}, notFound(text)
	}
	if names[0] == "" && !lenient.EmptyVolume {
		return Handle{}, malformed(text, "the volume's name is empty")
	}
	if tail := len(names) > 2 || len(pieces) > 2; tail && !lenient.Tail {
		return Handle{}, malformed(text, "something follows the snapshot's name")
	}
	return Handle{Type: kind, Volume: names[0], ID: names[1]}, nil
}

// HasScheme reports whether the text claims to be a handle of some scheme at all.
func HasScheme(text string) bool { return strings.Contains(text, separator) }
