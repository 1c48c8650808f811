package audit

import (
	"context"
	"io"
	"iter"
	"time"
)

// Object is one entry of a listing.
type Object struct {
	// Key is the path from the root of the backup target, with slashes.
	Key string
	// Size is in bytes.
	Size int64
	// Modified is when it was written, by the clock of the store.
	Modified time.Time
}

// Store is read access to a backup target. It must be safe for concurrent use.
// Errors say which object or folder could not be read.
type Store interface {
	// List yields every object below folder, which ends in a slash. Objects with
	// a common folder follow one another; otherwise any order will do. A folder
	// that is not there is an empty one. After an error nothing follows.
	List(ctx context.Context, folder string) iter.Seq2[Object, error]
	// Get opens an object; the caller closes it. One that is not there is an
	// error for which errors.Is(err, fs.ErrNotExist) holds.
	Get(ctx context.Context, key string) (io.ReadCloser, error)
}
