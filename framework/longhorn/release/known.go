package release

import (
	_ "embed"

	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/internal/nearest"
)

// known is what is known of a release before its manifest is read.
type known struct {
	// Manifest is the SHA-256 of the published manifest.
	Manifest string `json:"manifest"`
	// Sidecars are the versions of the sidecars that it starts, by name.
	Sidecars map[string]string `json:"sidecars"`
}

//go:embed releases.yaml
var releasesFile []byte

// releases are those that are known, by version.
var releases = func() map[string]known {
	all := map[string]known{}
	if err := yaml.UnmarshalStrict(releasesFile, &all); err != nil {
		panic("releases.yaml: " + err.Error()) // it is part of the program
	}
	return all
}()

// Sidecars are the versions of the CSI sidecars that the release was published with, by name; nil when that is not known.
func (v Version) Sidecars() map[string]string { return releases[v.text].Sidecars }

// suggestion names the known version that is like the one that was given.
func suggestion(version string) string {
	var names []string
	for name := range releases {
		names = append(names, name)
	}
	return nearest.Of(version, names)
}
