package longhorn

import "testing"

func TestReadHandleFindsTheResource(t *testing.T) {
	for text, want := range map[string]Handle{
		"snap://pvc-1/snapshot-2":                     {TypeSnapshot, "pvc-1", "snapshot-2"},
		"bak://pvc-1/backup-3":                        {TypeBackup, "pvc-1", "backup-3"},
		"bs://pvc-1/backup-3":                         {TypeBackup, "pvc-1", "backup-3"},
		"snap://pvc-1/snapshot-2/tail":                {TypeSnapshot, "pvc-1", "snapshot-2"},
		"bi://backing?export-type=raw&backingImage=x": {TypeBackingImage, "", "x"},
	} {
		if got, ok := ReadHandle(text); !ok || got != want {
			t.Errorf("ReadHandle(%q) = %+v, %t, want %+v", text, got, ok, want)
		}
	}
}

func TestReadHandleRefusesWhatNamesNothing(t *testing.T) {
	for _, text := range []string{"", "garbage", "snap://", "snap://pvc-1", "snap://pvc-1/", "snap:///x", "foo://a/b", "bi://backing?x=y", "bi://a b?backingImage=x"} {
		if got, ok := ReadHandle(text); ok {
			t.Errorf("ReadHandle(%q) = %+v, want nothing", text, got)
		}
	}
}

func TestTypeOfAClass(t *testing.T) {
	for text, want := range map[string]string{"": TypeBackup, "bs": TypeBackup, "bak": TypeBackup, "snap": TypeSnapshot, "bi": TypeBackingImage} {
		if got, ok := TypeOf(map[string]string{"type": text}); !ok || got != want {
			t.Errorf("TypeOf(%q) = %q, %t, want %q", text, got, ok, want)
		}
	}
	if _, ok := TypeOf(map[string]string{"type": "SNAP"}); ok {
		t.Error("there is no type SNAP")
	}
}
