package runner

import (
	"regexp"
	"testing"
)

func TestAFocusIsOnTheTextThatPeopleSee(t *testing.T) {
	for focus, want := range map[string]map[string]bool{
		"^snap ":               {"snap of a volume": true, "the snap of a volume": false},
		"^(bak|bi) |^snap$":    {"bak is made": true, "bi is made": true, "snap": true, "a bak ": false, "snaps": false},
		"restore":              {"restore works": true, "bak restores": true, "bi": false},
		`\Abi`:                 {"bi works": true, "a bi": false},
		"(?m)^bi":              {"bi works": true, "a bi": false},
		`a \(b\)\?$`:           {"a (b)?": true, "a (b)? ": false},
		"^muster passes|works": {"muster passes": true, "bi works": true, "passes": false},
	} {
		expression := regexp.MustCompile(ginkgoFocus(focus))
		for text, selected := range want {
			if got := expression.MatchString(suiteName + " " + text); got != selected {
				t.Errorf("FOCUS=%q selects %q: %t, want %t; Ginkgo is given %q", focus, text, got, selected, expression)
			}
		}
	}
}
