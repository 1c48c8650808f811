package audit

import (
	"strings"
	"testing"
)

func TestTheListOfBlocksIsChecked(t *testing.T) {
	t.Parallel()
	one, two := strings.Repeat("1", 64), strings.Repeat("2", 64)
	for name, c := range map[string]struct {
		blocks []Mapping
		lost   bool
		text   string // empty when the list is good
	}{
		"good":                      {[]Mapping{{0, one}, {4096, two}, {12288, one}}, false, ""},
		"none":                      {nil, false, ""},
		"no checksum":               {[]Mapping{{0, one[1:]}}, true, "no checksum"},
		"a checksum in capitals":    {[]Mapping{{0, strings.Repeat("A", 64)}}, true, "no checksum"},
		"between blocks":            {[]Mapping{{0, one}, {4097, two}}, true, "no multiple"},
		"before the volume":         {[]Mapping{{-4096, one}}, true, "no multiple"},
		"beyond the volume":         {[]Mapping{{16384, one}}, true, "beyond"},
		"the last block reaches in": {[]Mapping{{12288, one}}, false, ""},
		"twice, the same":           {[]Mapping{{0, one}, {0, one}}, false, "twice"},
		"twice, different":          {[]Mapping{{0, one}, {0, two}}, true, "twice"},
		"descending":                {[]Mapping{{4096, one}, {0, two}}, false, "follows offset 4096"},
		"three times wrong":         {[]Mapping{{1, one}, {2, two}, {3, one}}, true, "3 of 3 entries"},
	} {
		t.Run(name, func(t *testing.T) {
			fault := checkMap(c.blocks, 4096, 16384)
			switch {
			case c.text == "" && fault != nil:
				t.Errorf("checkMap = %q, want nil", fault.text)
			case c.text != "" && (fault == nil || fault.lost != c.lost || !strings.Contains(fault.text, c.text)):
				t.Errorf("checkMap = %+v, want %q, lost %t", fault, c.text, c.lost)
			}
		})
	}
}
