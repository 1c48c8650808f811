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
	// ManifestDownloaded is until the manifest of a Longhorn release is here.
	ManifestDownloaded = Budget{"ManifestDownloaded", 60 * time.Second}
	// LonghornReady is until all parts of Longhorn run, the pulls of its images included: 51 s were seen with the images there.
	LonghornReady = Budget{"LonghornReady", 10 * time.Minute}
	// ImagePulled is how long the pull of an image may go on failing until it is given up.
	ImagePulled = Budget{"ImagePulled", 10 * time.Second}
	// InitiatorReady is until the iSCSI initiator of a node answers.
	InitiatorReady = Budget{"InitiatorReady", 30 * time.Second}
)
