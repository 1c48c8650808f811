package s3front

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Fault says how the front misbehaves. For faults of requests the matcher is
// Method and Key; of the requests that match, the first Skip pass, and after them
// Count are hit, or all when Count is 0.
type Fault struct {
	// Kind is required.
	Kind Kind `json:"kind"`
	// Method is that of the requests to hit, such as "PUT"; empty for all methods
	// that the kind can act on.
	Method string `json:"method,omitempty"`
	// Key is what the requested key contains, such as "/blocks/" or "volume.cfg"; the
	// key of a listing is its prefix. Empty for all.
	Key string `json:"key,omitempty"`
	// Skip is how many matching requests pass first.
	Skip int `json:"skip,omitempty"`
	// Count is how many are hit after that, 0 for all until the fault is cleared.
	Count int `json:"count,omitempty"`
	// KilobytesPerSecond is the rate of Slow, in units of 1000 bytes per second, for
	// each direction of each connection.
	KilobytesPerSecond int64 `json:"kilobytesPerSecond,omitempty"`
}

// ParseFault reads a Fault from JSON. An unknown field and a fault that makes no
// sense are errors.
func ParseFault(text []byte) (Fault, error) {
	var fault Fault
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&fault); err != nil {
		return Fault{}, fmt.Errorf("the fault is not the JSON that it must be, such as {\"kind\":\"hold\",\"method\":\"PUT\",\"key\":\"/blocks/\"}: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Fault{}, errors.New("something follows the JSON of the fault: set one fault at a time")
	}
	return fault, fault.Validate()
}

// Validate returns everything that is wrong with the fault, joined.
func (f Fault) Validate() error {
	if !slices.Contains(Kinds, f.Kind) {
		return fmt.Errorf("fault kind %q is unknown: use one of %s", f.Kind, list(Kinds))
	}
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if f.Kind.ofConnections() && f.matcher() != (Fault{}) {
		add("fault kind %s acts on connections, before any request is read: leave out method, key, skip and count", f.Kind)
	}
	if f.Method != "" && !slices.Contains(f.Kind.methods(), f.Method) {
		add("fault kind %s does not act on method %q: use one of %s or leave it out", f.Kind, f.Method, list(f.Kind.methods()))
	}
	if f.Skip < 0 || f.Count < 0 {
		add("skip is %d and count is %d: both are numbers of requests and must not be negative", f.Skip, f.Count)
	}
	if f.Kind == Slow && f.KilobytesPerSecond < 1 {
		add("fault kind slow needs a rate: set kilobytesPerSecond to 1 or more, it is %d", f.KilobytesPerSecond)
	}
	if f.Kind != Slow && f.KilobytesPerSecond != 0 {
		add("fault kind %s has no rate: leave out kilobytesPerSecond", f.Kind)
	}
	return errors.Join(wrong...)
}

// String is the fault's JSON.
func (f Fault) String() string {
	text, _ := json.Marshal(f) // a struct of strings and numbers always has a JSON form
	return string(text)
}

// matcher is the part of the fault that selects requests.
func (f Fault) matcher() Fault {
	return Fault{Method: f.Method, Key: f.Key, Skip: f.Skip, Count: f.Count}
}

// selects tells whether the matcher selects the request, counters aside.
func (f Fault) selects(method, key string) bool {
	if f.Method != "" && f.Method != method {
		return false
	}
	return slices.Contains(f.Kind.methods(), method) && strings.Contains(key, f.Key)
}

func list[T ~string](names []T) string {
	var text []string
	for _, name := range names {
		text = append(text, string(name))
	}
	return strings.Join(text, ", ")
}
