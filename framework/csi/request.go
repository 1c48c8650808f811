package csi

import "github.com/container-storage-interface/spec/lib/go/csi"

// Mode is an access mode of CSI.
type Mode = csi.VolumeCapability_AccessMode_Mode

// Mounted asks for a file system in that mode, of the driver's default type.
func Mounted(mode Mode) *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{}},
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: mode},
	}
}

// RawBlock asks for a block device in that mode.
func RawBlock(mode Mode) *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessType: &csi.VolumeCapability_Block{Block: &csi.VolumeCapability_BlockVolume{}},
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: mode},
	}
}

// OneWriter is a file system for one node, what most claims ask for.
func OneWriter() *csi.VolumeCapability {
	return Mounted(csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER)
}

// Bytes asks for a size of at least that many bytes.
func Bytes(required int64) *csi.CapacityRange { return &csi.CapacityRange{RequiredBytes: required} }

// NewVolume is the request for an empty volume of that size in bytes.
func NewVolume(name string, bytes int64) *csi.CreateVolumeRequest {
	return &csi.CreateVolumeRequest{Name: name, CapacityRange: Bytes(bytes), VolumeCapabilities: []*csi.VolumeCapability{OneWriter()}}
}

// Restored is the request for a volume of that size in bytes from a snapshot's handle.
func Restored(name string, bytes int64, handle string) *csi.CreateVolumeRequest {
	request := NewVolume(name, bytes)
	request.VolumeContentSource = FromSnapshot(handle)
	return request
}

// Cloned is the request for a volume of that size in bytes from another volume.
func Cloned(name string, bytes int64, source string) *csi.CreateVolumeRequest {
	request := NewVolume(name, bytes)
	request.VolumeContentSource = &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Volume{
		Volume: &csi.VolumeContentSource_VolumeSource{VolumeId: source},
	}}
	return request
}

// FromSnapshot is a snapshot as the source of a volume.
func FromSnapshot(handle string) *csi.VolumeContentSource {
	return &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{
		Snapshot: &csi.VolumeContentSource_SnapshotSource{SnapshotId: handle},
	}}
}
