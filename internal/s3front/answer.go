package s3front

import (
	"encoding/xml"
	"io"
	"net/http"
)

// answer is an error as an S3 store sends it.
type answer struct {
	XMLName  xml.Name `xml:"Error"`
	status   int
	Code     string
	Message  string
	Resource string
}

// answers are the errors of the kinds that answer in the store's place. Status,
// code and message are those of MinIO's cmd/api-errors.go, for SlowDown those of
// Amazon S3, which MinIO has in two variants for reading and writing.
var answers = map[Kind]answer{
	Unavailable: {status: http.StatusServiceUnavailable, Code: "SlowDown", Message: "Please reduce your request rate."},
	ClockSkew: {status: http.StatusForbidden, Code: "RequestTimeTooSkewed",
		Message: "The difference between the request time and the server's time is too large."},
	StorageFull: {status: http.StatusInsufficientStorage, Code: "XMinioStorageFull",
		Message: "Storage backend has reached its minimum free drive threshold. Please delete a few objects to proceed."},
}

// send writes the answer to r.
func (a answer) send(w http.ResponseWriter, r *http.Request) {
	// A client that is still sending would see a broken connection instead of the
	// answer. One that awaits "100 Continue" has not begun to.
	if r.Header.Get("Expect") == "" {
		_, _ = io.Copy(io.Discard, r.Body) // the client is told in any case
	}
	a.Resource = r.URL.Path
	text, _ := xml.Marshal(a) // strings always have an XML form
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, xml.Header+string(text)) // a client that has gone needs no answer
}
