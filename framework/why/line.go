package why

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// told are the fields of a structured log line that come first, and dull those that are left out.
var (
	told = []string{"msg", "message", "method", "id", "code", "error", "err"}
	dull = []string{"time", "ts", "level", "role", "node", "request", "response", "seconds", "caller", "func", "file"}
)

// plain is a log line for people: of a structured one only the fields that tell something, as key=value after the message.
func plain(line string) string {
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil {
		return line
	}
	var words []string
	if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(fields["time"])); err == nil {
		words = append(words, at.UTC().Format("15:04:05"))
	}
	for _, key := range append(slices.Clone(told), slices.Sorted(maps.Keys(fields))...) {
		value, known := fields[key]
		if !known || slices.Contains(dull, key) {
			continue
		}
		delete(fields, key)
		if key == "msg" || key == "message" {
			words = append(words, fmt.Sprint(value))
			continue
		}
		words = append(words, fmt.Sprintf("%s=%v", key, value))
	}
	return strings.Join(words, " ")
}

// repeats is how a sidecar logs an event that it has written: the chain has the event itself.
var repeats = []string{"event.go:", `"Event occurred"`}

// tellsOfEvent reports whether a log line only repeats an event.
func tellsOfEvent(line string) bool {
	return slices.ContainsFunc(repeats, func(mark string) bool { return strings.Contains(line, mark) })
}

// asAbove stands for a text that an earlier step has.
const asAbove = "(as above)"

// withoutRepetition shortens events that say what an earlier step has said, and
// drops log lines that say what an earlier line has.
func withoutRepetition(steps []Step) []Step {
	var seen, lines []string
	var kept []Step
	for _, step := range steps {
		core := coreOf(step.Says)
		switch {
		case strings.HasPrefix(step.What, logOf):
			if within(lines, core) {
				continue
			}
			lines = append(lines, step.Says)
		case strings.HasPrefix(step.What, eventOf) && within(seen, core):
			step.Says = asAbove
			if last := len(kept) - 1; last >= 0 && kept[last].Says == asAbove {
				kept = kept[:last] // the newest of several is enough
			}
		}
		seen = append(seen, step.Says)
		kept = append(kept, step)
	}
	return kept
}

// coreOf is what a text says without what sidecars and logs put around it, the beginning of it, in bytes.
func coreOf(text string) string {
	if found, ok := answerIn(text); ok {
		text = found.text
	}
	if _, failure, ok := strings.Cut(text, " error="); ok {
		text = failure
	}
	const beginning = 100
	return strings.Trim(text[:min(len(text), beginning)], `"\`)
}

// within reports whether one of the texts has the core.
func within(texts []string, core string) bool {
	return core != "" && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, core) })
}
