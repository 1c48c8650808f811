package harness

import (
	"github.com/muster-csi/muster/framework/target"
)

// The classes by the names that Longhorn's documentation gives them, which is how specs ask for
// them. A run may use others in their place (Config.Classes).
const (
	// ClassExt4 is the StorageClass for ext4 file systems and raw block volumes.
	ClassExt4 = "longhorn"
	// ClassXFS is the StorageClass for xfs file systems.
	ClassXFS = "longhorn-xfs"
	// SnapClass is the VolumeSnapshotClass of type snap with deletion policy Delete.
	SnapClass = "longhorn-snapshot-vsc"
	// BackupClass is the VolumeSnapshotClass of type bak with deletion policy Delete.
	BackupClass = "longhorn-backup-vsc"
	// ImageClass is the VolumeSnapshotClass of type bi with deletion policy Delete.
	ImageClass = "longhorn-image-vsc"
)

// Classes names the classes that stand in the cluster for the documented ones.
type Classes struct {
	// Ext4 and XFS are StorageClasses.
	Ext4 string `json:"ext4"`
	XFS  string `json:"xfs"`
	// Snapshot, Backup and Image are VolumeSnapshotClasses.
	Snapshot string `json:"snapshot"`
	Backup   string `json:"backup"`
	Image    string `json:"image"`
}

// DocumentedClasses are the classes of fixtures/classes.
func DocumentedClasses() Classes {
	return Classes{Ext4: ClassExt4, XFS: ClassXFS, Snapshot: SnapClass, Backup: BackupClass, Image: ImageClass}
}

// class returns the name that a class of the documented name has in this cluster; a class that a
// spec has made keeps its own.
func (c *Cluster) class(name string) string {
	for _, pair := range c.classPairs() {
		if pair[0] == name {
			return pair[1]
		}
	}
	return name
}

func (c *Cluster) classPairs() [][2]string {
	in := c.Config.Classes
	return [][2]string{{ClassExt4, in.Ext4}, {ClassXFS, in.XFS}, {SnapClass, in.Snapshot}, {BackupClass, in.Backup}, {ImageClass, in.Image}}
}

// Documented pairs what stands in YAML of the documentation with what it is in this cluster, for a
// strings.Replacer: the driver's name, and the names of classes where objects refer to them.
func (c *Cluster) Documented() []string {
	return []string{
		"driver: " + target.DriverName, "driver: " + c.Config.Driver,
		"storageClassName: " + ClassExt4, "storageClassName: " + c.Config.Classes.Ext4,
		"volumeSnapshotClassName: " + SnapClass, "volumeSnapshotClassName: " + c.Config.Classes.Snapshot,
	}
}
