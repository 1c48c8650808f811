package imageserver

import (
	"context"
	"net/http"
	"time"
)

// ticks is how many pieces a second of a slow answer has.
const ticks = 20

func (q *request) slow() error {
	ticker := time.NewTicker(time.Second / ticks)
	defer ticker.Stop()
	return q.content(&paced{ResponseWriter: q.w, ctx: q.Context(), tick: ticker.C, piece: q.number << 10 / ticks})
}

// paced sends one piece at each tick.
type paced struct {
	http.ResponseWriter
	ctx   context.Context
	tick  <-chan time.Time
	piece int64
}

// Write returns an error as soon as the client has gone or the server ends.
func (p *paced) Write(from []byte) (int, error) {
	written := 0
	for written < len(from) {
		select {
		case <-p.tick:
		case <-p.ctx.Done():
			return written, p.ctx.Err()
		}
		n, err := p.ResponseWriter.Write(from[written:min(len(from), written+int(p.piece))])
		written += n
		if err == nil {
			err = http.NewResponseController(p.ResponseWriter).Flush()
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}
