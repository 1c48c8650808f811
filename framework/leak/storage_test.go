package leak

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStorageNamesListsEveryThingOnce(t *testing.T) {
	got, err := StorageNames("n1", []byte(`{
		"pool": "/var/lib/longhorn", "freeBytes": 7,
		"volumes": ["pvc-1"],
		"snapshots": [{"volume": "pvc-1", "name": "s1", "allocatedBytes": 4096}],
		"loops": [{"device": "/dev/loop3", "backingFile": "pvc-1.img"}, {"device": "/dev/loop0", "pool": true}],
		"mounts": null
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"node n1: loops device=/dev/loop3 backingFile=pvc-1.img",
		"node n1: snapshots volume=pvc-1 name=s1",
		"node n1: volumes pvc-1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("StorageNames (-want +got):\n%s", diff)
	}
}

func TestStorageNamesRefusesOtherText(t *testing.T) {
	if _, err := StorageNames("n1", []byte("no such command")); err == nil {
		t.Error("StorageNames of something that is not JSON succeeded, want an error")
	}
}
