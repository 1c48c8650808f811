package engine

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

var (
	// ErrNotFound is returned for a volume or a snapshot that does not exist.
	ErrNotFound = errors.New("not found")
	// ErrSizeDiffers is returned when a volume of that name exists with another size.
	ErrSizeDiffers = errors.New("size differs")
	// ErrTooSmall is returned when a copy would be smaller than its source.
	ErrTooSmall = errors.New("smaller than its source")
	// ErrInUse is returned when a volume is still mounted or held open by somebody else.
	ErrInUse = errors.New("in use")
	// ErrTooMany is returned when a volume has as many snapshots as it may have.
	ErrTooMany = errors.New("too many snapshots")
	// ErrInvalid is returned for a name or a size that the engine cannot store.
	ErrInvalid = errors.New("invalid")
	// ErrNoReflink is returned when two volumes cannot share blocks where sharing is required.
	ErrNoReflink = errors.New("file system cannot share blocks (reflink)")
)

// explain adds the remedy to errors whose text alone would not help.
func explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return fmt.Errorf("%w: the pool is full; delete volumes or snapshots, or set the node up with a larger --pool-size", err)
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return fmt.Errorf("%w: run as root in a privileged container", err)
	}
	return err
}
