package s3front

import (
	"net/http"
	"slices"
)

// Kind is one way in which the front misbehaves. The list is closed.
type Kind string

// Faults of connections. They act on all of them, old and new, and take no
// matcher. What waits in Hold when one of them is set does not reach the store.
const (
	// Slow lets bytes pass at a limited rate, per connection and direction.
	Slow Kind = "slow"
	// Hang lets no byte pass and leaves connections open. When it ends, connections
	// that hung are reset, since what was sent on them is lost.
	Hang Kind = "hang"
	// Reset breaks all connections with a TCP RST, new ones as soon as they are made.
	Reset Kind = "reset"
	// Refuse resets all connections and lets the system refuse new ones.
	Refuse Kind = "refuse"
)

// Faults of requests. They act on those requests that the matcher selects.
const (
	// Unavailable answers 503 SlowDown, as a store does that has too much to do.
	Unavailable Kind = "unavailable"
	// ClockSkew answers 403 RequestTimeTooSkewed, as a store does whose clock is off.
	ClockSkew Kind = "clock-skew"
	// StorageFull answers PUT and POST with 507 XMinioStorageFull, as MinIO does when
	// its disk is full.
	StorageFull Kind = "storage-full"
	// TruncateDownload announces the whole body of an answer to GET, sends half of
	// it, and closes the connection.
	TruncateDownload Kind = "truncate-download"
	// TruncateUpload sends the head and half of the body of a PUT to the store, ends
	// that connection, and then resets the client's without an answer.
	TruncateUpload Kind = "truncate-upload"
	// Hold keeps requests from the store until the fault ends. They are then judged
	// by the fault that follows as if they had just come; without one they go on. A
	// request whose client has gone is dropped.
	Hold Kind = "hold"
	// Aged lets requests for an object through and dates the answers' Last-Modified
	// back, so that what is in the store looks as if nobody had touched it for long.
	Aged Kind = "aged"
)

// Kinds are all there are.
var Kinds = []Kind{
	Slow, Hang, Reset, Refuse,
	Unavailable, ClockSkew, StorageFull, TruncateDownload, TruncateUpload, Hold, Aged,
}

// ofConnections tells whether the kind acts on connections.
func (k Kind) ofConnections() bool {
	return slices.Contains([]Kind{Slow, Hang, Reset, Refuse}, k)
}

// everyMethod are those that S3 uses.
var everyMethod = []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodDelete}

// methods are those that the kind can act on.
func (k Kind) methods() []string {
	switch k {
	case StorageFull:
		return []string{http.MethodPut, http.MethodPost}
	case TruncateDownload:
		return []string{http.MethodGet}
	case TruncateUpload:
		return []string{http.MethodPut}
	case Aged:
		return []string{http.MethodGet, http.MethodHead}
	default:
		return everyMethod
	}
}
