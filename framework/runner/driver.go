package runner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/internal/nearest"
)

// DriverOptions say which driver is examined in a cluster that is made for the run, or that
// the one of an existing cluster is a Longhorn.
type DriverOptions struct {
	// Name is "reference", the default, or "longhorn".
	Name string
	// LonghornVersion is the release, such as v1.12.1; LonghornDir may say it.
	LonghornVersion string
	// LonghornDir is a directory with the release's manifest and archives of its images; "" means that both are fetched.
	LonghornDir string
}

func (o DriverOptions) longhorn() bool { return o.Name == target.Longhorn }

// ParseLonghorn reads what was given as the driver where only Longhorn makes a difference.
func ParseLonghorn(text string) (bool, error) {
	options := DriverOptions{Name: text}
	return options.longhorn(), options.check("", ExistingOptions{})
}

// check refuses what means nothing together, before anything is begun.
func (o DriverOptions) check(kind ClusterKind, existing ExistingOptions) error {
	known := []string{target.Reference, target.Longhorn}
	switch {
	case o.Name != "" && !slices.Contains(known, o.Name):
		return fmt.Errorf("DRIVER is %q; did you mean %s? It is %s", o.Name, nearest.Of(o.Name, known), strings.Join(known, " or "))
	case !o.longhorn() && (o.LonghornVersion != "" || o.LonghornDir != ""):
		return fmt.Errorf("LONGHORN_VERSION and LONGHORN_DIR are for DRIVER=%s: say that, or leave them out", target.Longhorn)
	case kind == Existing && o.Name == target.Reference:
		return fmt.Errorf("an existing cluster is examined with the driver that is in it: say INSTALL=reference to bring the reference driver, or leave DRIVER out")
	case kind == Existing && o.longhorn() && o.LonghornDir != "":
		return fmt.Errorf("nothing is installed into an existing cluster but the reference driver: leave LONGHORN_DIR out, and the Longhorn that is there is examined")
	case o.longhorn() && existing.Install != "":
		return fmt.Errorf("INSTALL=%s brings another driver than DRIVER=%s: leave out one of them", existing.Install, o.Name)
	}
	return nil
}
