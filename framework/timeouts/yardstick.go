package timeouts

import "time"

const (
	// Yardstick is how long one test suite of others may run: far more than any needs.
	Yardstick = 45 * time.Minute
	// YardstickEnd is how long removing what it needed may take, interrupted or not.
	YardstickEnd = 2 * time.Minute
)
