package imageserver

import (
	"maps"
	"net/http"
	"sync"
)

// Stats is what a server has counted since its start, by path without query,
// such as "/good/raw-8m-1.img". Paths that nobody has asked for are absent.
type Stats map[string]Traffic

// Traffic is what happened on one path.
type Traffic struct {
	// Requests are all that have arrived, whatever became of them, except those whose query made no sense.
	Requests int64 `json:"requests"`
	// RangeRequests are those of them that asked for a part.
	RangeRequests int64 `json:"rangeRequests"`
	// Bytes are those of bodies that were handed to connections. A client may have read fewer.
	Bytes int64 `json:"bytes"`
	// Open is how many requests are being answered now.
	Open int64 `json:"open"`
}

// Of is what happened on the path of an image, nothing where nobody has asked for it.
func (s Stats) Of(behaviour, image string) Traffic { return s[Path(behaviour, image)] }

// counts gathers Stats. It is safe for concurrent use.
type counts struct {
	mutex sync.Mutex
	stats Stats
	// met is how often a fault had its chance, by path and what else it looks at.
	met map[string]int64
}

func newCounts() *counts { return &counts{stats: Stats{}, met: map[string]int64{}} }

// begin counts a request; end must be called when it is answered.
func (c *counts) begin(r *http.Request) (end func()) {
	c.change(r.URL.Path, func(t *Traffic) {
		t.Requests++
		t.Open++
		if r.Header.Get("Range") != "" {
			t.RangeRequests++
		}
	})
	return func() { c.change(r.URL.Path, func(t *Traffic) { t.Open-- }) }
}

func (c *counts) change(path string, how func(*Traffic)) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	traffic := c.stats[path]
	how(&traffic)
	c.stats[path] = traffic
}

// strikes tells whether the fault known by that key strikes this time: it does
// the first times, and always when times is 0.
func (c *counts) strikes(key string, times int64) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.met[key]++
	return times == 0 || c.met[key] <= times
}

// report returns a copy of what has been counted.
func (c *counts) report() Stats {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return maps.Clone(c.stats)
}

// counted adds what is written through it to the bytes of a path.
type counted struct {
	http.ResponseWriter
	add    func(bytes int64)
	status int
	sent   int64
}

// WriteHeader keeps the status.
func (c *counted) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.sent += int64(n)
	c.add(int64(n))
	return n, err
}

// Unwrap lets the other methods of the writer be found.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }
