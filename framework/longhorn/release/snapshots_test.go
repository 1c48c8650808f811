package release

import "testing"

func TestSnapshotKindsMustNotBeOlderThanTheSidecar(t *testing.T) {
	r := &Release{Images: []Image{{Ref: "docker.io/longhornio/csi-snapshotter:v8.6.0-20260101"}}}
	for controller, fits := range map[string]bool{
		"v8.6.0": true, "v8.7.0": true, "v8.10.0": true, "v8.5.9": false, "v7.9.0": false, "v9.0.0": true, "latest": false, "": false,
	} {
		if err := r.FitsSnapshots(controller); (err == nil) != fits {
			t.Errorf("the sidecar v8.6.0 with a controller %q: %v, want it to fit: %t", controller, err, fits)
		}
	}
	if err := (&Release{}).FitsSnapshots("v8.7.0"); err == nil {
		t.Error("a release without csi-snapshotter fits")
	}
}
