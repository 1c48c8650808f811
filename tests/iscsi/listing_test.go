package iscsi_test

import (
	"regexp"
	"strings"
)

var (
	devicePattern = regexp.MustCompile(`Attached scsi disk (\S+)`)
	statePattern  = regexp.MustCompile(`Attached scsi disk \S+\s+State: (\S+)`)
)

// details returns the block of the target's session in the long listing.
func (i *initiator) details(g target) string {
	i.t.Helper()
	_, after, found := strings.Cut(i.do("-m session -P 3"), "Target: "+g.name+" ")
	if !found {
		i.t.Fatalf("no session with %s is listed", g.name)
	}
	block, _, _ := strings.Cut(after, "Target: ")
	return block
}

func (i *initiator) device(g target) string {
	i.t.Helper()
	return firstMatch(devicePattern, i.details(g))
}

// state returns "running", "blocked" or "offline".
func (i *initiator) state(g target) string {
	i.t.Helper()
	return firstMatch(statePattern, i.details(g))
}

func firstMatch(pattern *regexp.Regexp, text string) string {
	if match := pattern.FindStringSubmatch(text); match != nil {
		return match[1]
	}
	return ""
}
