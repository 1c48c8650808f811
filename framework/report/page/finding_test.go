package page

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAMessageIsTakenApart(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		want    finding
	}{
		"a comparison": {"I-14: restoreSize is the provisioned size\nExpected\n    <int64>: 10485760\nto be ==\n    <int>: 67108864",
			finding{About: "I-14: restoreSize is the provisioned size", Expected: "to be == 67108864", Seen: "10485760"}},
		"a comparison of long texts": {"content\nExpected\n    <string>: \"7ea7...\"\nto equal       |\n    <string>: \"7043...\"",
			finding{About: "content", Expected: `to equal "7043..."`, Seen: `"7ea7..."`}},
		"a comparison without a value": {"Expected\n    <bool>: false\nto be true", finding{Expected: "to be true", Seen: "false"}},
		"a wait": {"waited 1m12s (timeouts.BackupReady) for volumesnapshots ns/backup to be readyToUse; last seen: readyToUse false, error \"x\"; recent events: none",
			finding{Expected: "volumesnapshots ns/backup to be readyToUse within 1m12s", Seen: `readyToUse false, error "x"`}},
		"a wait with its cause": {"waited 1m12s (timeouts.BackupReady) for volumesnapshots ns/backup to be readyToUse; last seen: no status; recent events: none; because: it rains",
			finding{Expected: "volumesnapshots ns/backup to be readyToUse within 1m12s", Seen: "no status; because: it rains"}},
		"a wait within an error": {"about\nExpected success, but got an error:\n    <*fmt.wrapError | 0x1>: \n    waited 18s (timeouts.BackupGone) for backups a/b to be gone; last seen: it exists\n    {\n        msg: \"waited 18s",
			finding{About: "about", Expected: "backups a/b to be gone within 18s", Seen: "it exists"}},
		"an error": {"Unexpected error:\n    <*errors.joinError | 0x1>: \n    block-orphan: a\n    block-orphan: b\n    {\n        errs: [\noccurred",
			finding{Expected: "no error", Seen: "block-orphan: a\nblock-orphan: b"}},
		"anything else": {"no such handle", finding{Seen: "no such handle"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Message = c.message
			if diff := cmp.Diff(c.want, newFinding(c.message)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
