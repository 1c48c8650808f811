package daemon

import (
	"sync"

	"github.com/muster-csi/muster/internal/iscsi/record"
)

// claims let one request at a time change the session of a target at a portal.
type claims struct {
	mu    sync.Mutex
	taken map[string]chan struct{}
}

// take waits for its turn; release ends it.
func (c *claims) take(r record.Record) (release func()) {
	key := r.Target + " " + r.Portal.String()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.taken[key] != nil {
		other := c.taken[key]
		c.mu.Unlock()
		<-other
		c.mu.Lock()
	}
	if c.taken == nil {
		c.taken = map[string]chan struct{}{}
	}
	mine := make(chan struct{})
	c.taken[key] = mine
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.taken, key)
		close(mine)
	}
}
