package timeouts

import "time"

var (
	// NamespaceGone is until a deleted namespace, whose contents are gone or going, has ended.
	NamespaceGone = Budget{"NamespaceGone", 120 * time.Second}
	// LeftoverGone is until an object that a killed run has left is gone after it was deleted.
	LeftoverGone = Budget{"LeftoverGone", 120 * time.Second}
)
