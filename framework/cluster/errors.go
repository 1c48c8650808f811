package cluster

import "errors"

// The errors that a caller may want to tell apart, whatever brings up clusters.
var (
	// ErrRunning is returned by Up when a cluster of that name is up.
	ErrRunning = errors.New("is already running")
	// ErrAbsent is returned by Down when there is no such cluster.
	ErrAbsent = errors.New("there is no cluster")
	// ErrBusy is returned when another muster is bringing up or taking down
	// the cluster of that name at this moment.
	ErrBusy = errors.New("another muster is working on this cluster")
)
