package longhorn

import (
	"net/url"
	"strings"
)

// Types of CSI snapshots, as handles and VolumeSnapshotClasses name them.
const (
	TypeSnapshot     = "snap"
	TypeBackup       = "bak"
	TypeBackingImage = "bi"
)

// Handle is what a CSI snapshot handle names.
type Handle struct {
	// Type is TypeSnapshot, TypeBackup or TypeBackingImage.
	Type string
	// Volume is the name of the source volume, "" for a backing image.
	Volume string
	// Name is that of the Snapshot, Backup or BackingImage.
	Name string
}

// ReadHandle takes a handle apart as far as it takes to find its resource, false
// for a text that names none (clauses H-01 to H-05).
func ReadHandle(text string) (Handle, bool) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return Handle{}, false
	}
	switch scheme {
	case TypeBackingImage:
		address, err := url.Parse(text)
		if err != nil {
			return Handle{}, false
		}
		handle := Handle{Type: scheme, Name: address.Query().Get("backingImage")}
		return handle, handle.Name != ""
	case "bs": // as Longhorn wrote it once
		scheme = TypeBackup
	case TypeSnapshot, TypeBackup:
	default:
		return Handle{}, false
	}
	volume, name, _ := strings.Cut(rest, "/")
	name, _, _ = strings.Cut(name, "/")
	return Handle{Type: scheme, Volume: volume, Name: name}, volume != "" && name != ""
}

// TypeOf is the type that a VolumeSnapshotClass with these parameters asks for,
// false when there is no such type (clauses C-01 to C-05).
func TypeOf(parameters map[string]string) (string, bool) {
	switch text := parameters["type"]; text {
	case "", "bs", TypeBackup:
		return TypeBackup, true
	case TypeSnapshot, TypeBackingImage:
		return text, true
	default:
		return text, false
	}
}
