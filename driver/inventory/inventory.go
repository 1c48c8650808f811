// Package inventory lists what the driver holds on its node: volumes,
// snapshots, loop devices and mounts. A leak check compares two of them. It
// only reads, and may run beside the driver.
package inventory

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/moby/sys/mountinfo"

	"github.com/muster-csi/muster/driver/engine"
	"github.com/muster-csi/muster/driver/engine/loop"
)

// Inventory is what the driver holds on a node. Lists are never null in JSON.
type Inventory struct {
	// Volumes are all volumes in order of their names.
	Volumes []Volume `json:"volumes"`
	// Snapshots are the snapshots of all volumes.
	Snapshots []Snapshot `json:"snapshots"`
	// Images are the images of the data engine.
	Images []Image `json:"images"`
	// Unfinished are paths of interrupted or still running operations.
	Unfinished []string `json:"unfinished"`
	// Loops are the loop devices with files of the driver; the pool's is marked.
	Loops []Loop `json:"loops"`
	// Mounts are the stage and publish mounts of volumes.
	Mounts []Mount `json:"mounts"`
}

// Volume is a volume of the data engine.
type Volume struct {
	Name           string `json:"name"`
	SizeBytes      int64  `json:"sizeBytes"`
	AllocatedBytes int64  `json:"allocatedBytes"`
	// Device is empty while the volume is detached.
	Device string `json:"device,omitempty"`
}

// Snapshot is a snapshot of the data engine.
type Snapshot struct {
	Name      string    `json:"name"`
	Volume    string    `json:"volume"`
	SizeBytes int64     `json:"sizeBytes"`
	CreatedAt time.Time `json:"createdAt"`
}

// Image is an image of the data engine, finished or not.
type Image struct {
	Name string `json:"name"`
}

// Loop is a loop device.
type Loop struct {
	Device string `json:"device"`
	// BackingFile is the path as the namespace shows it that attached the file.
	BackingFile string `json:"backingFile"`
	// Deleted is true when the file behind the device has been deleted.
	Deleted bool `json:"deleted,omitempty"`
	// Pool is true for the device of the pool image, which is no volume.
	Pool bool `json:"pool,omitempty"`
}

// Mount is a mount that shows a volume.
type Mount struct {
	Path   string `json:"path"`
	Device string `json:"device"`
	// Type is the type of the file system, or "block" for the node of a raw block volume.
	Type string `json:"type"`
}

// Take reads the inventory of the node with that data directory.
func Take(dataDir string) (Inventory, error) {
	contents, err := engine.Survey(dataDir)
	if err != nil {
		return Inventory{}, err
	}
	inventory := Inventory{
		Volumes: []Volume{}, Snapshots: []Snapshot{}, Images: []Image{}, Loops: []Loop{}, Mounts: []Mount{},
		Unfinished: append([]string{}, contents.Unfinished...),
	}
	for _, info := range contents.Volumes {
		inventory.Volumes = append(inventory.Volumes, Volume(info))
	}
	for _, info := range contents.Snapshots {
		inventory.Snapshots = append(inventory.Snapshots, Snapshot(info))
	}
	for _, name := range contents.Images {
		inventory.Images = append(inventory.Images, Image{name})
	}
	for _, info := range contents.Loops {
		inventory.Loops = append(inventory.Loops, Loop{
			Device: info.Path(), BackingFile: info.BackingFile, Deleted: info.Deleted,
			Pool: strings.HasSuffix(info.BackingFile, "/pool.img"),
		})
	}
	if inventory.Mounts, err = mountsOf(contents.Loops, contents.Pool); err != nil {
		return Inventory{}, err
	}
	return inventory, nil
}

// mountsOf lists the mounts of loop devices, except the pool's own.
func mountsOf(loops []loop.Info, pool string) ([]Mount, error) {
	all, err := mountinfo.GetMounts(nil)
	if err != nil {
		return nil, fmt.Errorf("read mounts: %w", err)
	}
	const loopMajor = 7
	devices := make(map[string]bool)
	for _, info := range loops {
		devices[info.Path()] = true
	}
	mounts := []Mount{}
	for _, info := range all {
		mount := Mount{Path: info.Mountpoint, Type: info.FSType}
		switch {
		case info.Major == loopMajor:
			mount.Device = "/dev/loop" + strconv.Itoa(info.Minor)
		case info.FSType == "devtmpfs" && strings.HasPrefix(info.Root, "/loop"):
			mount.Device, mount.Type = "/dev"+info.Root, "block"
		}
		if devices[mount.Device] && info.Mountpoint != pool {
			mounts = append(mounts, mount)
		}
	}
	return mounts, nil
}

// Write prints the inventory of a data directory as indented JSON.
func Write(out io.Writer, dataDir string) error {
	inventory, err := Take(dataDir)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(inventory)
}
