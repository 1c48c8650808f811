package release

import (
	"fmt"
	"regexp"

	"github.com/muster-csi/muster/driver/config"
)

// Version is the version of a Longhorn release.
type Version struct{ text, contract string }

// releaseTag is how releases are called, candidates included.
var releaseTag = regexp.MustCompile(`^v(\d+\.\d+)\.\d+(-[0-9A-Za-z.-]+)?$`)

// ParseVersion reads a version such as v1.12.1 or v1.12.1-rc1. One whose contract is not known is refused.
func ParseVersion(text string) (Version, error) {
	parts := releaseTag.FindStringSubmatch(text)
	if parts == nil {
		return Version{}, fmt.Errorf("%q is not the version of a Longhorn release: those look like v1.12.1", text)
	}
	if _, err := config.ParseContract(parts[1]); err != nil {
		return Version{}, fmt.Errorf("Longhorn %s: %w", text, err)
	}
	return Version{text: text, contract: parts[1]}, nil
}

// String is the version as its tag has it.
func (v Version) String() string { return v.text }

// Contract is the contract that the release follows, such as "1.12".
func (v Version) Contract() string { return v.contract }
