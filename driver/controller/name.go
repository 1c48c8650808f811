package controller

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/muster-csi/muster/driver/deviation"
)

const (
	maximumName = 40
	hashDigits  = 8
	minimumSize = int64(10 << 20)
	sizeUnit    = int64(2 << 20)
)

// volumeName is the id of a volume of that name: lower case, and a longer one
// than 40 characters is cut and told apart by its SHA-512 (V-01).
func volumeName(name string) string {
	lower := strings.ToLower(name)
	if len(lower) <= maximumName {
		return lower
	}
	sum := sha512.Sum512([]byte(name))
	return lower[:maximumName-1-hashDigits] + "-" + hex.EncodeToString(sum[:])[:hashDigits]
}

// volumeName is volumeName without the defect.
func (s *Server) volumeName(name string) string {
	if lower := strings.ToLower(name); len(lower) > maximumName && s.deviations.Has(deviation.VolumeNameCut) {
		return strings.TrimRight(lower[:maximumName], "-")
	}
	return volumeName(name)
}

// snapshotName is the name of the Snapshot object: the CSI name itself (H-01),
// which is snapshot-<UID> in Kubernetes. A name that CSI allows and the API cannot
// store is replaced by its SHA-512.
func snapshotName(name string) string {
	if len(validation.IsDNS1123Subdomain(name)) == 0 {
		return name
	}
	sum := sha512.Sum512([]byte(name))
	return "snapshot-" + hex.EncodeToString(sum[:])[:maximumName-hashDigits]
}

// volumeSize is the size in bytes for what was required: at least 10 MiB, in steps of 2 MiB (V-04).
func volumeSize(required int64) int64 {
	size := max(required, minimumSize)
	return (size + sizeUnit - 1) / sizeUnit * sizeUnit
}

// volumeSize is volumeSize without the defect.
func (s *Server) volumeSize(required int64) int64 {
	if s.deviations.Has(deviation.SizeNotRounded) {
		return max(required, sizeUnit) / sizeUnit * sizeUnit
	}
	return volumeSize(required)
}

// sizesDiffer is the text of R-11, which R-21 shares.
func sizesDiffer(target, source int64) string {
	return fmt.Sprintf("size of target volume (%d bytes) is different than size of source volume (%d bytes)", target, source)
}
