package audit

import (
	"crypto/sha512"
	"encoding/hex"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sumOf(v volume, number uint64) string {
	sum := sha512.Sum512(contents(number, v.blockSize))
	return hex.EncodeToString(sum[:32])
}

// damage is what a test does to the store and everything that must be reported.
type damage struct {
	do   func(bad)
	want []Violation
}

// allDamages joins the tables.
func allDamages() map[string]damage {
	all := map[string]damage{}
	for _, table := range []map[string]damage{blockDamages, configDamages, leftovers} {
		maps.Copy(all, table)
	}
	return all
}

func TestEveryDamageIsReportedAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, damage := range allDamages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := copyOfGolden(t)
			damage.do(bad{t, dir})
			result := run(t, dir, Options{})
			wantViolations(t, result, damage.want...)
			var lost []string
			for _, v := range damage.want {
				for _, backup := range v.Backups {
					if v.Lost {
						lost = append(lost, v.Volume+"/"+backup)
					}
				}
			}
			slices.Sort(lost)
			if diff := cmp.Diff(slices.Compact(lost), result.Lost()); diff != "" {
				t.Errorf("Lost (-want +got):\n%s", diff)
			}
		})
	}
}
