package harness

import (
	"testing"
	"time"
)

func TestAskedTimesAreThoseOfOneContentInTheSidecarsLog(t *testing.T) {
	const line = " createSnapshotWrapper: Creating snapshot for content "
	logs := map[string][]byte{
		"pod/csi-snapshotter": []byte("I1124 22:13:01.500000       1 snapshot_controller.go:342]" + line + "snapcontent-a through the plugin ...\n" +
			"I1124 22:13:02.000000       1 snapshot_controller.go:342]" + line + "snapcontent-b through the plugin ...\n" +
			"E1124 22:13:03.000000       1 x.go:1]" + line + "snapcontent-a through the plugin ...\n"),
		"other/csi-snapshotter": []byte("I1124 22:13:00.250000       1 snapshot_controller.go:342]" + line + "snapcontent-a through the plugin ...\n"),
		"pod/muster-driver":     []byte("I1124 22:13:09.000000       1 x.go:1]" + line + "snapcontent-a through the plugin ...\n"),
	}
	times := Must(askedTimes(logs, "snapcontent-a"))
	if len(times) != 2 || times[1].Sub(times[0]) != 1250*time.Millisecond {
		t.Errorf("times are %v, want two with 1.25 s between them", times)
	}
	if times := Must(askedTimes(logs, "snapcontent-c")); len(times) != 0 {
		t.Errorf("times of a content that the log does not name are %v", times)
	}
}
