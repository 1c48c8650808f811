package image

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// minAge is how old a version must be for its time to tell it from the next one.
const minAge = time.Minute

// note says what an unfinished file is the begin of. It lies beside the file.
type note struct {
	// Address is the SHA-256 of the URL: the query may hold a signature.
	Address string `json:"address"`
	// Validator is what the server names the version, "" when nothing is certain.
	Validator string `json:"validator"`
	// Total is the version's size in bytes, or unknown.
	Total int64 `json:"total"`
}

func notePath(path string) string { return path + ".etag" }

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// readNote returns the note of the file at path, if there is one that can be read.
func readNote(path string) (note, bool) {
	content, err := os.ReadFile(notePath(path))
	if err != nil {
		return note{}, false
	}
	var n note
	err = json.Unmarshal(content, &n)
	return n, err == nil && n.Validator != ""
}

// write notes a version that can be told from others.
func (n note) write(path string) error {
	if n.Validator == "" {
		return nil
	}
	content, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return os.WriteFile(notePath(path), content, 0o600)
}

// validator returns what identifies the version byte for byte (RFC 9110, 8.8.1
// and 13.1.5): an entity tag that is not weak, or a time of change that lies far
// enough behind the server's clock.
func validator(header http.Header) string {
	if tag := header.Get("ETag"); isStrongTag(tag) {
		return tag
	}
	modified := header.Get("Last-Modified")
	changed, err := http.ParseTime(modified)
	if err != nil {
		return ""
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil || now.Sub(changed) < minAge {
		return ""
	}
	return modified
}

func isStrongTag(text string) bool { return strings.HasPrefix(text, `"`) }

// continuedBy reports whether a partial answer is that version's rest.
func (n note) continuedBy(header http.Header, from int64) bool {
	first, total, ok := contentRange(header)
	switch {
	case !ok || first != from:
		return false
	case total == unknown || n.Total == unknown:
		if total == n.Total {
			return false // where it ends could not be told
		}
	case total != n.Total:
		return false
	}
	if isStrongTag(n.Validator) {
		return header.Get("ETag") == n.Validator
	}
	// A server need not repeat the time, only a tag (RFC 9110, 15.3.7).
	modified := header.Get("Last-Modified")
	return modified == "" || modified == n.Validator
}

// contentRange reads "bytes 50-99/100", where the size may be "*" for unknown.
func contentRange(header http.Header) (first, total int64, ok bool) {
	text, isBytes := strings.CutPrefix(header.Get("Content-Range"), "bytes ")
	positions, size, hasSize := strings.Cut(text, "/")
	begin, _, hasEnd := strings.Cut(positions, "-")
	first, err := strconv.ParseInt(begin, 10, 64)
	if !isBytes || !hasSize || !hasEnd || err != nil {
		return 0, 0, false
	}
	if size == "*" {
		return first, unknown, true
	}
	total, err = strconv.ParseInt(size, 10, 64)
	return first, total, err == nil && total > first
}
