package workload

import (
	"fmt"
	"sort"
	"sync"
)

// progress is what a sequence's output has told so far.
type progress struct {
	mutex   sync.Mutex
	changed *sync.Cond
	// begun[i] is when record i+1 was begun, in nanoseconds since 1970.
	begun []int64
	acked uint64
	ended bool
	// said is the last line that was neither "begin" nor "ack", or why reading ended.
	said string
}

// note takes one line of the writer's output.
func (p *progress) note(line string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	defer p.changed.Broadcast()
	var word string
	var number uint64
	var at int64
	if n, err := fmt.Sscanf(line, "%s %d %d", &word, &number, &at); n != 3 || err != nil {
		p.said = line
		return
	}
	switch {
	case word == "begin" && number == uint64(len(p.begun))+1:
		p.begun = append(p.begun, at)
	case word == "ack" && number == p.acked+1:
		p.acked = number
	default:
		p.said = line
	}
}

func (p *progress) end(err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	defer p.changed.Broadcast()
	p.ended = true
	if err != nil {
		p.said = err.Error()
	}
}

func (p *progress) wake() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.changed.Broadcast()
}

func (p *progress) lastAcked() uint64 { return p.acked }

// lastBegunAt is when the last record was begun, 0 before the first.
func (p *progress) lastBegunAt() int64 {
	if len(p.begun) == 0 {
		return 0
	}
	return p.begun[len(p.begun)-1]
}

// begunBefore is the number of the last record begun before the time.
func (p *progress) begunBefore(nanos int64) uint64 {
	return uint64(sort.Search(len(p.begun), func(i int) bool { return p.begun[i] >= nanos }))
}
