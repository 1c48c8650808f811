package timeouts

import "time"

var (
	// KindsServed is until the API server serves a new CustomResourceDefinition.
	KindsServed = Budget{"KindsServed", 30 * time.Second}
	// AddonReady is until a controller, the driver or MinIO has started.
	AddonReady = Budget{"AddonReady", 90 * time.Second}
	// DriverRegistered is until the kubelet has accepted the driver on every node.
	DriverRegistered = Budget{"DriverRegistered", 60 * time.Second}
	// BucketMade is until MinIO has taken the request for the bucket.
	BucketMade = Budget{"BucketMade", 30 * time.Second}
	// PodReady is until a test pod runs; it covers attaching, formatting and mounting its volume.
	PodReady = Budget{"PodReady", 180 * time.Second}
)
