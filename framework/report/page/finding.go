package page

import (
	"regexp"
	"strings"
)

// finding is what a failure's message says, taken apart as far as its form is known.
type finding struct {
	// About is what was looked at, Expected and Seen what should have been and
	// what was; all may be empty, and then only the message itself is shown.
	About, Expected, Seen string
	// Message is the whole message.
	Message string
}

var (
	// waited is how every wait of the suite ends that was in vain.
	waited = regexp.MustCompile(`(?s)waited (\S+) \(timeouts\.\w+\) for (\S+) (\S+) to (.+?); last seen: (.*)`)
	// compared is how a matcher says that a value is another.
	compared = regexp.MustCompile(`(?s)^(.*?)\n?Expected\n(.+?)\n(to [^\n]*|not to [^\n]*)\n?(.*)$`)
	// unwanted is how a matcher says that there was an error.
	unwanted = regexp.MustCompile(`(?s)^(.*?)\n?(?:Expected success, but got an error:|Unexpected error:)\n\s*<[^\n]*>: ?\n(.*)$`)
	// dump begins the error's value field by field, which repeats its text.
	dump = regexp.MustCompile(`(?s)\n    \{.*$|\noccurred$`)
	// typed is the type that a matcher writes before a value.
	typed = regexp.MustCompile(`(?m)^\s*<[^>\n]*>: ?`)
)

// newFinding takes a message apart.
func newFinding(message string) finding {
	f := finding{Message: message}
	text := strings.TrimSpace(message)
	if parts := unwanted.FindStringSubmatch(text); parts != nil {
		f.About, text = strings.TrimSpace(parts[1]), unindent(dump.ReplaceAllString(parts[2], ""))
		f.Expected, f.Seen = "no error", text
	}
	if parts := waited.FindStringSubmatch(text); parts != nil {
		seen, cause, _ := strings.Cut(parts[5], "; because: ")
		seen, _, _ = strings.Cut(seen, "; recent events:")
		if cause != "" {
			seen += "; because: " + cause
		}
		f.Expected, f.Seen = parts[2]+" "+parts[3]+" to "+parts[4]+" within "+parts[1], strings.TrimSpace(seen)
		return f
	}
	if parts := compared.FindStringSubmatch(text); parts != nil {
		f.About = strings.TrimSpace(parts[1])
		f.Expected = strings.TrimSpace(strings.TrimRight(parts[3], " |") + " " + value(parts[4]))
		f.Seen = value(parts[2])
		return f
	}
	if f.Seen == "" {
		f.Seen = text
	}
	return f
}

// value is what a matcher wrote of a value, without its type.
func value(text string) string { return unindent(typed.ReplaceAllString(text, "")) }

// unindent removes what indents every line.
func unindent(text string) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "    ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
