package deviation

// Planted defects of backing images: CSI controller, reconcilers and data engine.
const (
	// ImageExportTypeIgnored breaks C-40. A backing image is always exported as raw.
	ImageExportTypeIgnored Name = "image-export-type-ignored"
	// ImageNewKeyIgnored breaks C-40. The class parameter exportType has no effect, only export-type has.
	ImageNewKeyIgnored Name = "image-new-key-ignored"
	// ImageExportTypeUnchecked breaks C-41. An unknown export type is taken for raw.
	ImageExportTypeUnchecked Name = "image-export-type-unchecked"
	// ImageHandleIncomplete breaks H-04. The handle of a backing image lacks the volume that it was exported from.
	ImageHandleIncomplete Name = "image-handle-incomplete"
	// ImageShortTail breaks R-45. The last MiB of data is missing in an exported backing image.
	ImageShortTail Name = "image-short-tail"
	// ImageLosesAcknowledged breaks C-45. A backing image has what its volume contained some seconds before the request.
	ImageLosesAcknowledged Name = "image-loses-acknowledged"
	// ImageDetachedRefused breaks C-47. A detached volume cannot be exported.
	ImageDetachedRefused Name = "image-detached-refused"
	// ImageSelectorsIgnored breaks C-42. The class parameters nodeSelector and diskSelector have no effect.
	ImageSelectorsIgnored Name = "image-selectors-ignored"
	// ImageNotSparse breaks R-40. A downloaded qcow2 image takes its whole virtual size in the pool.
	ImageNotSparse Name = "image-not-sparse"
	// ImageChecksumUnverified breaks R-54. The checksum of a download is not compared with the expected one.
	ImageChecksumUnverified Name = "image-checksum-unverified"
	// ImageFailureIgnored breaks R-54. A backing image whose download failed counts as ready and is empty.
	ImageFailureIgnored Name = "image-failure-ignored"
	// ImageTruncatedAccepted breaks R-54. A download that breaks off counts as complete.
	ImageTruncatedAccepted Name = "image-truncated-accepted"
	// ImageBackingFileAccepted breaks R-54. A qcow2 image that names a file of the node as its backing file is accepted.
	ImageBackingFileAccepted Name = "image-backing-file-accepted"
	// ImageLoopbackAccepted breaks R-55. A handle of an image on the node's own loopback address is accepted.
	ImageLoopbackAccepted Name = "image-loopback-accepted"
	// ImageURLUnchecked breaks R-55. An image URL with another scheme than http or https is accepted.
	ImageURLUnchecked Name = "image-url-unchecked"
	// ImageVolumeEmpty breaks R-45. A volume from a backing image is empty.
	ImageVolumeEmpty Name = "image-volume-empty"
	// ImageVolumeSmaller breaks R-51. A volume may be smaller than its backing image, which is cut off.
	ImageVolumeSmaller Name = "image-volume-smaller"
	// ImageLargerRefused breaks R-56. A volume must have exactly the size of its backing image.
	ImageLargerRefused Name = "image-larger-refused"
	// ImageShared breaks R-45. Volumes from a backing image write into the image.
	ImageShared Name = "image-shared"
	// ImageParametersUnchecked breaks R-46. A handle whose parameters differ from the existing backing image's is accepted.
	ImageParametersUnchecked Name = "image-parameters-unchecked"
	// ImageNoParametersRefused breaks R-47. A handle of an existing backing image must name its parameters.
	ImageNoParametersRefused Name = "image-no-parameters-refused"
	// ImageGivenChecksumUnchecked breaks R-48. The checksum in a handle is not compared with the existing backing image's.
	ImageGivenChecksumUnchecked Name = "image-given-checksum-unchecked"
	// ImageOnDemandRefused breaks R-40. A backing image that does not exist is not made on demand.
	ImageOnDemandRefused Name = "image-on-demand-refused"
	// ImageMissingParametersAccepted breaks R-41. A handle of a missing backing image that lacks parameters makes an empty volume.
	ImageMissingParametersAccepted Name = "image-missing-parameters-accepted"
	// ImageDeleteIgnored breaks D-10. DeleteSnapshot of a backing image answers OK and deletes nothing.
	ImageDeleteIgnored Name = "image-delete-ignored"
	// ImageDeleteMissingFails breaks D-11. DeleteSnapshot of a backing image that is gone fails.
	ImageDeleteMissingFails Name = "image-delete-missing-fails"
	// ImageDeleteInUse breaks D-13. A backing image is deleted while volumes use it.
	ImageDeleteInUse Name = "image-delete-in-use"
	// ImageGoesWithVolume breaks D-27. Deleting a volume deletes the backing images exported from it.
	ImageGoesWithVolume Name = "image-goes-with-volume"
	// ImageFaultedAccepted breaks C-47. A faulted volume is exported, as far as that goes.
	ImageFaultedAccepted Name = "image-faulted-accepted"
	// ImageCopiesFromClass breaks C-49. A VolumeSnapshotClass says how many copies of a backing image there are.
	ImageCopiesFromClass Name = "image-copies-from-class"
	// ImageEngineUnchecked breaks R-52. A class with another data engine than the backing image's makes a volume of the image's.
	ImageEngineUnchecked Name = "image-engine-unchecked"
	// ImageOnDemandKeysIgnored breaks R-53. What a StorageClass says of the copies of a backing image has no effect.
	ImageOnDemandKeysIgnored Name = "image-on-demand-keys-ignored"
)

// Capabilities of the specs about backing images, as those about backups.
const (
	imaging   = "bi-create"
	fetching  = "bi-download"
	providing = "bi-restore"
	removing  = "bi-delete"
)

// images lists the planted defects of backing images.
var images = []Deviation{
	{ImageExportTypeIgnored, Defect, imaging, "C-40", "A backing image is always exported as raw."},
	{ImageNewKeyIgnored, Defect, imaging, "C-40", "The class parameter exportType has no effect, only export-type has."},
	{ImageExportTypeUnchecked, Defect, imaging, "C-41", "An unknown export type is taken for raw."},
	{ImageHandleIncomplete, Defect, imaging, "H-04", "The handle of a backing image lacks the volume that it was exported from."},
	{ImageShortTail, Defect, providing, "R-45", "The last MiB of data is missing in an exported backing image."},
	{ImageLosesAcknowledged, Defect, imaging, "C-45", "A backing image has what its volume contained some seconds before the request."},
	{ImageDetachedRefused, Defect, imaging, "C-47", "A detached volume cannot be exported."},
	{ImageSelectorsIgnored, Defect, imaging, "C-42", "The class parameters nodeSelector and diskSelector have no effect."},
	{ImageNotSparse, Defect, fetching, "R-40", "A downloaded qcow2 image takes its whole virtual size in the pool."},
	{ImageChecksumUnverified, Defect, fetching, "R-54", "The checksum of a download is not compared with the expected one."},
	{ImageFailureIgnored, Defect, fetching, "R-54", "A backing image whose download failed counts as ready and is empty."},
	{ImageTruncatedAccepted, Defect, fetching, "R-54", "A download that breaks off counts as complete."},
	{ImageBackingFileAccepted, Defect, fetching, "R-54", "A qcow2 image that names a file of the node as its backing file is accepted."},
	{ImageLoopbackAccepted, Defect, fetching, "R-55", "A handle of an image on the node's own loopback address is accepted."},
	{ImageURLUnchecked, Defect, fetching, "R-55", "An image URL with another scheme than http or https is accepted."},
	{ImageVolumeEmpty, Defect, providing, "R-45", "A volume from a backing image is empty."},
	{ImageVolumeSmaller, Defect, providing, "R-51", "A volume may be smaller than its backing image, which is cut off."},
	{ImageLargerRefused, Defect, providing, "R-56", "A volume must have exactly the size of its backing image."},
	{ImageShared, Defect, providing, "R-45", "Volumes from a backing image write into the image."},
	{ImageParametersUnchecked, Defect, providing, "R-46", "A handle whose parameters differ from the existing backing image's is accepted."},
	{ImageNoParametersRefused, Defect, providing, "R-47", "A handle of an existing backing image must name its parameters."},
	{ImageGivenChecksumUnchecked, Defect, providing, "R-48", "The checksum in a handle is not compared with the existing backing image's."},
	{ImageOnDemandRefused, Defect, fetching, "R-40", "A backing image that does not exist is not made on demand."},
	{ImageMissingParametersAccepted, Defect, fetching, "R-41", "A handle of a missing backing image that lacks parameters makes an empty volume."},
	{ImageFaultedAccepted, Defect, imaging, "C-47", "A faulted volume is exported, as far as that goes."},
	{ImageCopiesFromClass, Defect, imaging, "C-49", "A VolumeSnapshotClass says how many copies of a backing image there are."},
	{ImageEngineUnchecked, Defect, providing, "R-52", "A class with another data engine than the backing image's makes a volume of the image's."},
	{ImageOnDemandKeysIgnored, Defect, fetching, "R-53", "What a StorageClass says of the copies of a backing image has no effect."},
	{ImageDeleteIgnored, Defect, removing, "D-10", "DeleteSnapshot of a backing image answers OK and deletes nothing."},
	{ImageDeleteMissingFails, Defect, removing, "D-11", "DeleteSnapshot of a backing image that is gone fails."},
	{ImageDeleteInUse, Defect, removing, "D-13", "A backing image is deleted while volumes use it."},
	{ImageGoesWithVolume, Defect, removing, "D-27", "Deleting a volume deletes the backing images exported from it."},
}
