package timeouts

import "time"

var (
	// ImageReady is until a small backing image is exported or downloaded, a copy process of Longhorn's included.
	ImageReady = Budget{"ImageReady", 4 * time.Minute}
	// ImageFailed is until a backing image that cannot come about has failed, repeated downloads included.
	ImageFailed = Budget{"ImageFailed", 4 * time.Minute}
	// ImageGone is until a deleted backing image is gone from the cluster and from the nodes.
	ImageGone = Budget{"ImageGone", 3 * time.Minute}
)
