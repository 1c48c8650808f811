package page

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// callEntries reads csi-calls.txt, which has the CSI calls about the spec's own
// objects, each line after the name of the container.
func callEntries(text string, began time.Time) []entry {
	var all []entry
	for line := range strings.Lines(text) {
		container, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		e, ok := structured(rest)
		if !ok {
			e, ok = klogged(rest, began)
		}
		if ok {
			e.Kind = kindCall
			if e.Who == "" {
				e.Who = shortContainer(container)
			}
			all = append(all, e)
		}
	}
	return all
}

// logEntries reads the log of one container: warnings and errors, and of the driver
// everything, as far as a line names one of the spec's objects. CSI calls
// are left out: they are in csi-calls.txt.
func logEntries(container, text string, names []string, began time.Time) []entry {
	var all []entry
	driver := strings.HasSuffix(container, "-driver") || strings.Contains(container, "longhorn-manager") || strings.Contains(container, "longhorn-csi-plugin")
	for line := range strings.Lines(text) {
		if strings.Contains(line, `"CSI call`) || !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(line, name) }) {
			continue
		}
		e, ok := structured(line)
		if !ok {
			e, ok = klogged(line, began)
		}
		if ok && (driver || e.Bad) {
			e.Kind, e.Who = kindLog, shortContainer(container)
			all = append(all, e)
		}
	}
	return all
}

// structured reads a line that is a JSON object, as the reference driver writes them.
func structured(line string) (entry, bool) {
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil {
		return entry{}, false
	}
	word := func(key string) string {
		if value, ok := fields[key]; ok {
			return fmt.Sprint(value)
		}
		return ""
	}
	at, err := time.Parse(time.RFC3339Nano, word("time"))
	if err != nil {
		return entry{}, false
	}
	e := entry{Time: at, Text: word("msg"), Bad: word("level") == "WARN" || word("level") == "ERROR"}
	if method := word("method"); method != "" {
		took, _ := fields["seconds"].(float64)
		e.Who, e.Text = method, strings.TrimSpace(word("id")+" → "+word("code")+", "+seconds(took))
		e.Detail = "request " + word("request") + "\nresponse " + word("response")
		e.Bad = e.Bad || word("code") != "OK"
	}
	if reason := word("error"); reason != "" {
		e.Text, e.Bad = e.Text+": "+reason, true
		e.Detail = strings.Split(e.Detail, "\nresponse")[0]
	}
	return e, true
}

// klogLine is the form in which Kubernetes' programs log: level, month and day,
// time, process, place.
var klogLine = regexp.MustCompile(`^([IWEF])(\d\d)(\d\d) (\d\d:\d\d:\d\d)\.(\d+) +\d+ ([^\]]+)\] (.*)`)

// klogged reads such a line; the year is that of the spec.
func klogged(line string, began time.Time) (entry, bool) {
	parts := klogLine.FindStringSubmatch(line)
	if parts == nil {
		return entry{}, false
	}
	at, err := time.Parse("2006-01-02 15:04:05.999999999", fmt.Sprintf("%d-%s-%s %s.%s", began.UTC().Year(), parts[2], parts[3], parts[4], parts[5]))
	if err != nil {
		return entry{}, false
	}
	return entry{Time: at, Text: parts[7], Bad: parts[1] != "I"}, true
}

// generated is what Kubernetes appends to the names of pods, in the few characters
// that it uses for that.
var generated = regexp.MustCompile(`(-[bcdfghjklmnpqrstvwxz2456789]{8,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}([/-])`)

// shortContainer is the name of a container, or of the file with its log, without what
// was generated.
func shortContainer(name string) string {
	return generated.ReplaceAllString(strings.TrimPrefix(name, "log-"), "$2")
}
