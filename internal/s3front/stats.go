package s3front

// Stats is what a front has counted. Requests and bytes are counted from its
// start on, Hits and Held for one fault.
type Stats struct {
	// Fault is the one in force, nil for none.
	Fault *Fault `json:"fault,omitempty"`
	// Requests are those that have arrived, by class of key and method, whatever
	// became of them.
	Requests map[Class]map[string]int64 `json:"requests"`
	// Uploaded are the bytes of request bodies taken from clients.
	Uploaded int64 `json:"uploaded"`
	// Downloaded are the bytes of answers' bodies that came from the store.
	Downloaded int64 `json:"downloaded"`
	// Hits is how often the fault set last has struck; clearing it does not change
	// the number. It counts requests, and for Hang and Reset also the connections
	// opened since. Connections that Refuse turned away nobody can count.
	Hits int64 `json:"hits"`
	// Held is how many requests wait in the front now, for Hold or Hang to end.
	Held int64 `json:"held"`
}

// Count is the number of requests of the class with the method; an empty class
// or method stands for all.
func (s Stats) Count(class Class, method string) int64 {
	var sum int64
	for c, methods := range s.Requests {
		for m, number := range methods {
			if (class == "" || class == c) && (method == "" || method == m) {
				sum += number
			}
		}
	}
	return sum
}
