package audit

import (
	"strings"
	"testing"
)

func TestAnUnknownObjectIsExplained(t *testing.T) {
	t.Parallel()
	at := folderOf("pvc-1")
	block := at.block(strings.Repeat("ab", 32))
	for key, c := range map[string]struct {
		text    string
		running bool // a violation also while operations run
	}{
		at.path + "blocks/00/00/" + strings.Repeat("ab", 32) + ".blk": {"folder that does not fit", true},
		at.path + "blocks/" + strings.Repeat("ab", 32) + ".blk":       {"folder that does not fit", true},
		block + ".tmp.1700000000000000000":                            {"interrupted write", false},
		at.config() + ".tmp.1700000000000000000":                      {"interrupted write", false},
		at.config() + ".bak":                                          {"find out", true},
		at.path + "locks/lock-1.lck":                                  {"find out", true},
		at.path + "backups/backup_.cfg":                               {"find out", true},
	} {
		inv := newInventory(at)
		inv.add(Object{Key: key})
		if len(inv.unknown) != 1 {
			t.Errorf("%s is known", key)
			continue
		}
		v, wrong := unknownObject("pvc-1", inv.unknown[0], false)
		if !wrong || !strings.Contains(v.Text, c.text) {
			t.Errorf("%s: %t, %q, want a violation with %q", key, wrong, v.Text, c.text)
		}
		if _, wrong := unknownObject("pvc-1", inv.unknown[0], true); wrong != c.running {
			t.Errorf("%s while operations run: %t, want %t", key, wrong, c.running)
		}
	}
}
