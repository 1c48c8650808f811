package runner

import "testing"

func TestLacksReadsTheBoundingSet(t *testing.T) {
	for status, want := range map[string]bool{
		"CapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n": true,
		"CapEff:\t0000000000000000\nCapBnd:\t000001ffffffffff\n": false,
		"Name:\tx\n": false,
	} {
		if got := lacks([]byte(status), sysResource); got != want {
			t.Errorf("%q lacks it: %t, want %t", status, got, want)
		}
	}
}
