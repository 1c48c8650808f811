package why

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/muster-csi/muster/internal/redact"
)

const (
	// whatWidth is the widest first column, in bytes.
	whatWidth = 76
	// saysWidth is the most that is shown of one step, and causeWidth of the cause, in bytes.
	saysWidth  = 400
	causeWidth = 700
)

// oneLine takes secrets out, joins lines and blanks and cuts what is too long, in
// bytes. Every text of a chain goes through it.
func oneLine(text string, limit int) string {
	// Before the cut, behind which a secret would not be found.
	text = strings.Join(strings.Fields(redact.Text(text)), " ")
	if len(text) <= limit {
		return text
	}
	cut := limit
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

func isLonghorn(kind string) bool { return strings.HasPrefix(kind, "Longhorn ") }

// orNone is the text, or "none".
func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// since is how long ago something was, short enough for a step.
func since(now, then time.Time) string { return now.Sub(then).Round(time.Second).String() + " ago" }

// answer is what a driver answered to a CSI call.
type answer struct{ code, text string }

// answered finds the answer of the driver in what a sidecar says.
var answered = regexp.MustCompile(`(?s)rpc error: code = (\w+) desc = (.*)$`)

// answerIn takes the driver's answer out of an error or event, false when there is none in it.
func answerIn(text string) (answer, bool) {
	parts := answered.FindStringSubmatch(text)
	if parts == nil {
		return answer{}, false
	}
	// The last one counts: sidecars wrap each other's errors. A sidecar also quotes.
	if inner, ok := answerIn(parts[2]); ok {
		return inner, true
	}
	said := strings.TrimSpace(parts[2])
	if strings.Contains(text[:strings.Index(text, parts[0])], `"`) {
		said = strings.ReplaceAll(strings.TrimSuffix(said, `"`), `\"`, `"`)
	}
	return answer{parts[1], said}, true
}

// later are the codes after which a sidecar holds that the call may still succeed (clause S-05).
var later = map[string]bool{"Canceled": true, "DeadlineExceeded": true, "Unavailable": true, "ResourceExhausted": true, "Aborted": true}

// String says what the driver answered and what becomes of that.
func (a answer) String() string {
	switch {
	case later[a.code]:
		return fmt.Sprintf("the driver cannot do it yet and is asked again (%s): %s", a.code, a.text)
	case a.code == "InvalidArgument":
		return "the driver refuses the request, and asking again will not help (InvalidArgument): " + a.text
	}
	return fmt.Sprintf("the driver answers with an error and is asked again (%s): %s", a.code, a.text)
}

// said puts an error of a sidecar into a clause: the driver's answer when there is one in it.
func said(who, text string) string {
	if found, ok := answerIn(text); ok {
		return found.String()
	}
	return who + " says: " + text
}
