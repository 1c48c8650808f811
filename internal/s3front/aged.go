package s3front

import (
	"net/http"
	"time"
)

// age is by how much Aged dates back: longer than any lock of a store is valid.
const age = time.Hour

const modified = "Last-Modified"

// datedBack passes the answer on with an earlier date. An answer without a date stays as it is.
func (f *Front) datedBack(r *http.Response) {
	f.asIs(r)
	if at, err := http.ParseTime(r.Header.Get(modified)); err == nil {
		r.Header.Set(modified, at.Add(-age).UTC().Format(http.TimeFormat))
	}
}
