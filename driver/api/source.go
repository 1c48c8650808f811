package api

import (
	"fmt"
	"strings"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

const (
	snapScheme   = "snap://"
	volumeScheme = "vol://"
)

// Source is where a volume's first data come from. The zero value is nowhere.
type Source struct {
	// Volume is the name of the source Volume.
	Volume string
	// Snapshot is the name of the source Snapshot, "" when the volume itself is cloned.
	Snapshot string
}

// Empty reports whether the volume starts without data.
func (s Source) Empty() bool { return s.Volume == "" }

// DataSource is the form of Volume.spec.dataSource: snap://volume/snapshot or vol://volume.
func (s Source) DataSource() longhorn.VolumeDataSource {
	switch {
	case s.Empty():
		return ""
	case s.Snapshot == "":
		return longhorn.VolumeDataSource(volumeScheme + s.Volume)
	default:
		return longhorn.VolumeDataSource(snapScheme + s.Volume + "/" + s.Snapshot)
	}
}

// ParseSource reads Volume.spec.dataSource; "" is the empty source.
func ParseSource(text longhorn.VolumeDataSource) (Source, error) {
	if text == "" {
		return Source{}, nil
	}
	if volume, found := strings.CutPrefix(string(text), volumeScheme); found && volume != "" && !strings.Contains(volume, "/") {
		return Source{Volume: volume}, nil
	}
	if rest, found := strings.CutPrefix(string(text), snapScheme); found {
		volume, snapshot, _ := strings.Cut(rest, "/")
		if volume != "" && snapshot != "" && !strings.Contains(snapshot, "/") {
			return Source{Volume: volume, Snapshot: snapshot}, nil
		}
	}
	return Source{}, fmt.Errorf("data source %q is neither snap://volume/snapshot nor vol://volume", text)
}
