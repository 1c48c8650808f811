package embedded

import (
	"errors"

	"github.com/muster-csi/muster/framework/cluster"
)

// The errors that a caller may want to tell apart.
var (
	// ErrRunning is returned by Up when a cluster of that name is up.
	ErrRunning = cluster.ErrRunning
	// ErrAbsent is returned by Down when there is no such cluster.
	ErrAbsent = cluster.ErrAbsent
	// ErrBusy is returned when another muster is bringing up or taking down
	// the cluster of that name at this moment.
	ErrBusy = cluster.ErrBusy
	// ErrUnsupported is returned by everything here on other systems than Linux.
	ErrUnsupported = errors.New("the embedded cluster needs Linux; run muster on a Linux machine or in a Linux virtual machine")
)
