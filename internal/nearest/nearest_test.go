package nearest

import "testing"

func TestOfFindsTheSmallestDistance(t *testing.T) {
	cases := []struct{ word, want string }{
		{"focsu", "focus"}, {"lables", "labels"}, {"proc", "procs"}, {"kep", "keep"}, {"focus", "focus"},
	}
	for _, c := range cases {
		if got := Of(c.word, []string{"focus", "labels", "procs", "keep"}); got != c.want {
			t.Errorf("Of(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}

func TestOfWithoutCandidatesIsEmpty(t *testing.T) {
	if got := Of("focus", nil); got != "" {
		t.Errorf("Of without candidates = %q, want nothing", got)
	}
}
