package timeouts

import "time"

var (
	// ShardStarted is until a pod of the suite runs: its image is pulled and a node has room for it.
	ShardStarted = Budget{"ShardStarted", 5 * time.Minute}
	// ShardEnded is until a pod of the suite that was told to end has: its specs clean up, and its result is fetched.
	ShardEnded = Budget{"ShardEnded", 5 * time.Minute}
	// ResultFetched is how long a pod of the suite keeps its result for who has started it.
	ResultFetched = Budget{"ResultFetched", 30 * time.Minute}
	// ResultFetchedAtLast is the same for one that was told to end.
	ResultFetchedAtLast = Budget{"ResultFetchedAtLast", 60 * time.Second}
)

// ShardGrace is how long Kubernetes lets a pod of the suite go on that was told to end.
const ShardGrace = 4 * time.Minute
