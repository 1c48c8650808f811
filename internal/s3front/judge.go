package s3front

import (
	"maps"
	"sync"
)

// judge knows the fault in force, decides for each request what happens to it,
// and counts. It is safe for concurrent use.
type judge struct {
	mutex sync.Mutex
	// fault has an empty Kind when there is none.
	fault Fault
	// over is closed when another fault, or none, takes the place of fault.
	over chan struct{}
	// matched is how many requests the fault's matcher has selected.
	matched int
	stats   Stats
}

func newJudge() *judge {
	return &judge{over: make(chan struct{}), stats: Stats{Requests: map[Class]map[string]int64{}}}
}

// arrived counts a request.
func (j *judge) arrived(class Class, method string) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if j.stats.Requests[class] == nil {
		j.stats.Requests[class] = map[string]int64{}
	}
	j.stats.Requests[class][method]++
}

// verdict returns the kind of the fault that hits the request, empty for none,
// and a channel that is closed when that fault is over. A request may be judged
// again by a later fault.
func (j *judge) verdict(method, key string) (Kind, <-chan struct{}) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	fault := j.fault
	if fault.Kind == "" || !fault.selects(method, key) {
		return "", nil
	}
	j.matched++
	if j.matched <= fault.Skip || (fault.Count > 0 && j.matched > fault.Skip+fault.Count) {
		return "", nil
	}
	j.stats.Hits++
	return fault.Kind, j.over
}

// replace puts fault, which may be the zero Fault for none, in the place of the
// present one and releases what waits for the end of that.
func (j *judge) replace(fault Fault) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	close(j.over)
	j.over = make(chan struct{})
	j.fault, j.matched = fault, 0
	if fault.Kind != "" {
		j.stats.Hits = 0
	}
}

// waits adds to the number of requests that are held.
func (j *judge) waits(number int64) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.stats.Held += number
}

// moved adds to the bytes of bodies.
func (j *judge) moved(uploaded, downloaded int) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.stats.Uploaded += int64(uploaded)
	j.stats.Downloaded += int64(downloaded)
}

// connected counts a new connection if the fault in force hits it.
func (j *judge) connected() {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if j.fault.Kind == Hang || j.fault.Kind == Reset {
		j.stats.Hits++
	}
}

// report returns a copy of what has been counted.
func (j *judge) report() Stats {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	stats := j.stats
	stats.Requests = make(map[Class]map[string]int64, len(j.stats.Requests))
	for class, methods := range j.stats.Requests {
		stats.Requests[class] = maps.Clone(methods)
	}
	if fault := j.fault; fault.Kind != "" {
		stats.Fault = &fault
	}
	return stats
}
