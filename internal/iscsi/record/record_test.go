package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-csi/muster/internal/iscsi/failure"
	"github.com/muster-csi/muster/internal/iscsi/portal"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	store, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestRecordsOutliveTheStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	here, there := portal.Portal{Host: "10.0.0.1", Port: 3260}, portal.Portal{Host: "10.0.0.2", Port: 3260}
	changed := New("iqn.a", here, 1)
	if err := changed.Set(ReplacementTimeout, "5"); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path).Put(changed, New("iqn.a", there, 1), New("iqn.b", here, 1)); err != nil {
		t.Fatal(err)
	}
	store := open(t, path)
	if found := store.Find("iqn.a", nil); len(found) != 2 || found[0].Settings[ReplacementTimeout] != 5 {
		t.Errorf("records of iqn.a are %v", found)
	}
	if err := store.Delete(store.Find("", &here)...); err != nil {
		t.Fatal(err)
	}
	if left := open(t, path).Find("", nil); len(left) != 1 || left[0].Portal != there {
		t.Errorf("left are %v, want iqn.a at %s", left, there)
	}
}

func TestDiscoveryAgainResetsSettings(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "records"))
	at := portal.Portal{Host: "10.0.0.1", Port: 3260}
	first := New("iqn.a", at, 1)
	if err := first.Set(AbortTimeout, "99"); err != nil {
		t.Fatal(err)
	}
	if err := store.Put(first); err != nil {
		t.Fatal(err)
	}
	if err := store.Put(New("iqn.a", at, 1)); err != nil {
		t.Fatal(err)
	}
	if found := store.Find("iqn.a", &at); len(found) != 1 || found[0].Settings[AbortTimeout] != 15 {
		t.Errorf("records are %v, want one with open-iscsi's 15 s", found)
	}
}

func TestSetRefusesNamesAndValuesThatMeanNothing(t *testing.T) {
	record := New("iqn.a", portal.Portal{}, 1)
	for _, setting := range [][2]string{{"node.session.timeo.replacement", "5"}, {ReplacementTimeout, "-1"}, {ReplacementTimeout, "soon"}} {
		if err := record.Set(setting[0], setting[1]); failure.CodeOf(err) != failure.Invalid {
			t.Errorf("%v is taken: %v", setting, err)
		}
	}
	if err := record.Set("node.session.timeo.replacement", "5"); !strings.Contains(err.Error(), ReplacementTimeout) {
		t.Errorf("no suggestion in: %v", err)
	}
}

func TestBrokenFileIsAnErrorThatNamesIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); failure.CodeOf(err) != failure.Database || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v", err)
	}
}
