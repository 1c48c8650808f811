package release

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
)

// snapshotter is the sidecar that snapshot kinds and controller must not be older than.
const snapshotter = "csi-snapshotter"

// majorMinor reads the beginning of a tag such as v8.6.0-20260101.
var majorMinor = regexp.MustCompile(`^v(\d+)\.(\d+)\.`)

// FitsSnapshots returns an error when snapshot kinds and controller of that version are older
// than the release's csi-snapshotter, which would ask for what they do not know. Newer ones
// serve the same API: external-snapshotter wants them to be updated before its sidecar.
func (r *Release) FitsSnapshots(controller string) error {
	sidecar, found := find(r.Images, snapshotter)
	if !found {
		return fmt.Errorf("the manifest of Longhorn %s names no image %s: its snapshots cannot be tested", r.Version, snapshotter)
	}
	have, want := majorMinor.FindStringSubmatch(controller), majorMinor.FindStringSubmatch(sidecar.Tag())
	if have == nil || want == nil {
		return fmt.Errorf("cannot compare the snapshot controller %s with the release's %s %s: their tags do not tell the versions", controller, snapshotter, sidecar.Tag())
	}
	if older := cmp.Or(cmp.Compare(number(have[1]), number(want[1])), cmp.Compare(number(have[2]), number(want[2]))) < 0; older {
		return fmt.Errorf("Longhorn %s comes with %s %s, and the snapshot kinds and controller built here are of %s: change external-snapshotter in components/csi-sidecars/go.mod", r.Version, snapshotter, sidecar.Tag(), controller)
	}
	return nil
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // they are digits
	return n
}
