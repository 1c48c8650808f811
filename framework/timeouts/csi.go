package timeouts

import "time"

// CSICall is how long the sidecars of Longhorn wait for one call (contract 9).
var CSICall = Budget{"CSICall", 110 * time.Second}
