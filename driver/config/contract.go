package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/muster-csi/muster/internal/nearest"
)

const (
	oldestMinor = 3
	newestMinor = 12
)

// Contract is the Longhorn release, as 1.12, whose version-gated behaviour the
// driver shows. It implements pflag.Value.
type Contract struct {
	minor int
}

// LatestContract is what the driver follows unless told otherwise.
func LatestContract() Contract { return Contract{minor: newestMinor} }

// Contracts returns all that the driver can follow, the newest first.
func Contracts() []Contract {
	var all []Contract
	for minor := newestMinor; minor >= oldestMinor; minor-- {
		all = append(all, Contract{minor})
	}
	return all
}

// ParseContract reads a version from 1.3 to 1.12; anything else is an error
// that suggests the nearest.
func ParseContract(text string) (Contract, error) {
	var known []string
	for _, version := range Contracts() {
		if version.String() == text {
			return version, nil
		}
		known = append(known, version.String())
	}
	return Contract{}, fmt.Errorf("unknown contract %q: did you mean %s? Known are 1.%d to 1.%d", text, nearest.Of(text, known), oldestMinor, newestMinor)
}

// String is the form that ParseContract reads.
func (c Contract) String() string { return "1." + strconv.Itoa(c.minor) }

// Set replaces the contract by the one that text names.
func (c *Contract) Set(text string) error {
	parsed, err := ParseContract(strings.TrimSpace(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// Type is the word that help texts show for the value.
func (c *Contract) Type() string { return "version" }

// NeedsAttachedSource reports whether a snapshot and a restore of it need the
// source volume to be attached (C-22, R-13).
func (c Contract) NeedsAttachedSource() bool { return c.minor < 5 }

// ChecksXFSMinimum reports whether a new xfs volume below 300 MiB is refused (V-05).
func (c Contract) ChecksXFSMinimum() bool { return c.minor >= 6 }

// KnowsBackingImages reports whether snapshots of type bi exist (C-04).
func (c Contract) KnowsBackingImages() bool { return c.minor >= 5 }

// parametersSince has the first minor release of the StorageClass parameters that older ones do not know (4.6).
var parametersSince = map[string]int{
	"dataEngine": 6, "freezeFilesystemForSnapshot": 7, "backupTargetName": 8, "backupBlockSize": 10, "cloneMode": 10, "exclusive": 11,
}

// KnowsParameter reports whether a StorageClass parameter has a meaning; what has none is passed through.
func (c Contract) KnowsParameter(name string) bool { return c.minor >= parametersSince[name] }

// ExpandsOnline reports whether a volume can grow while it is attached (I-10).
func (c Contract) ExpandsOnline() bool { return c.minor >= 4 }

// HasCompressionSetting reports whether a setting says how backups are compressed, and not always gzip (B-02b).
func (c Contract) HasCompressionSetting() bool { return c.minor >= 5 }

// HasTopology reports whether volumes are bound to nodes through CSI topology (I-02, I-11).
func (c Contract) HasTopology() bool { return c.minor >= 10 }

// HasCapacity reports whether GetCapacity is served (I-03).
func (c Contract) HasCapacity() bool { return c.minor >= 10 }

// HasSingleNodeModes reports whether SINGLE_NODE_SINGLE_WRITER and
// SINGLE_NODE_MULTI_WRITER are accepted (I-06, I-12).
func (c Contract) HasSingleNodeModes() bool { return c.minor >= 11 }

// ExplainsNotReady reports whether a refused attachment says why (V-11).
func (c Contract) ExplainsNotReady() bool { return c.minor >= 12 }

// RefusesExpandWhileCloning reports whether a volume cannot grow before its data are there (I-10).
func (c Contract) RefusesExpandWhileCloning() bool { return c.minor >= 10 }

// ChecksBackupTarget reports whether a backup is refused before it begins when
// its target is not available (C-32).
func (c Contract) ChecksBackupTarget() bool { return c.minor >= 8 }

// HasBackupMode reports whether a class may ask for full backups (C-31).
func (c Contract) HasBackupMode() bool { return c.minor >= 9 }

// ToleratesSlowBackup reports whether CreateSnapshot answers for a backup that
// was not taken up in time instead of failing (2.3 step 8).
func (c Contract) ToleratesSlowBackup() bool { return c.minor >= 12 }

// ShowsBackupError reports whether CreateSnapshot fails with the error of a failed backup (2.3 step 2).
func (c Contract) ShowsBackupError() bool { return c.minor >= 4 }

// HasTargetSettings reports whether the default backup target is set by Settings
// and not by a BackupTarget (B-28).
func (c Contract) HasTargetSettings() bool { return c.minor < 8 }

// CleansUpOnDelete reports whether the setting auto-cleanup-when-delete-backup exists (C-38).
func (c Contract) CleansUpOnDelete() bool { return c.minor >= 7 }

// CleansUpAfterBackup reports whether the setting for snapshots of complete backups exists (C-38).
func (c Contract) CleansUpAfterBackup() bool { return c.minor >= 9 }

// KnowsExportTypeKey reports whether a class may say exportType for export-type (C-40).
func (c Contract) KnowsExportTypeKey() bool { return c.minor >= 9 }

// HasImageSelectors reports whether classes may say where backing images are kept (C-42, R-53).
func (c Contract) HasImageSelectors() bool { return c.minor >= 7 }

// ChecksImageSize reports whether a volume smaller than its backing image is refused at once.
func (c Contract) ChecksImageSize() bool { return c.minor >= 8 }

// ChecksImageURL reports whether a backing image on the node itself is refused at once.
func (c Contract) ChecksImageURL() bool { return c.minor >= 12 }

// HasImageCopiesSetting reports whether a setting says how many copies of a backing image there are (C-49).
func (c Contract) HasImageCopiesSetting() bool { return c.minor >= 7 }

// HasPurgeSetting reports whether the setting disable-snapshot-purge exists (D-22).
func (c Contract) HasPurgeSetting() bool { return c.minor >= 5 }

// ClaimDecidesAccessMode reports whether a restored volume has the access mode
// that is asked for; else the backup's wins for a single node.
func (c Contract) ClaimDecidesAccessMode() bool { return c.minor >= 11 }
