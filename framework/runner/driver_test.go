package runner

import (
	"strings"
	"testing"
)

func TestDriverOptionsThatMeanNothingTogetherAreRefused(t *testing.T) {
	for _, c := range []struct {
		options  DriverOptions
		kind     ClusterKind
		existing ExistingOptions
		want     string
	}{
		{DriverOptions{}, Embedded, ExistingOptions{}, ""},
		{DriverOptions{Name: "reference"}, Kind, ExistingOptions{}, ""},
		{DriverOptions{Name: "longhorn", LonghornVersion: "v1.12.1", LonghornDir: "d"}, Kind, ExistingOptions{}, ""},
		{DriverOptions{Name: "longhorn", LonghornVersion: "v1.12.1"}, Existing, ExistingOptions{}, ""},
		{DriverOptions{Name: "longhom"}, Embedded, ExistingOptions{}, "did you mean longhorn?"},
		{DriverOptions{LonghornDir: "d"}, Embedded, ExistingOptions{}, "for DRIVER=longhorn"},
		{DriverOptions{Name: "reference", LonghornVersion: "v1.12.1"}, Embedded, ExistingOptions{}, "for DRIVER=longhorn"},
		{DriverOptions{Name: "reference"}, Existing, ExistingOptions{}, "INSTALL=reference"},
		{DriverOptions{Name: "longhorn", LonghornDir: "d"}, Existing, ExistingOptions{}, "leave LONGHORN_DIR out"},
		{DriverOptions{Name: "longhorn"}, Existing, ExistingOptions{Install: "reference"}, "leave out one of them"},
	} {
		err := c.options.check(c.kind, c.existing)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v on %s with %+v: %v, want %q", c.options, c.kind, c.existing, err, c.want)
		}
	}
}
