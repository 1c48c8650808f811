package report

import (
	"regexp"
	"strings"

	"github.com/onsi/ginkgo/v2/types"
)

// Leak is something that a spec made and that was still there when all of it
// should have been gone.
type Leak struct {
	// Name is its kind and name, such as "PersistentVolume pvc-1".
	Name string `json:"name"`
	// Spec is the name of the spec that left it, "" when only the check at
	// the end of the run found it.
	Spec string `json:"spec,omitempty"`
}

var (
	// afterSpec begins the message of a cleanup that failed, that of an earlier attempt included.
	afterSpec = regexp.MustCompile(`^(?:Failure recorded during attempt \d+:\n)?after the (interrupted )?spec: `)
	// notGone is how a cleanup says that a thing stays.
	notGone = regexp.MustCompile(`waited \S+ \(timeouts\.\w+\) for (\S+) (\S+) to be gone;`)
	// orphan is how the auditor says that a block stays in the bucket.
	orphan = regexp.MustCompile(`(?m)\bblock-orphan: (\S+): `)
	// leftAfterRun is how the check at the end of the run lists what is left.
	leftAfterRun = regexp.MustCompile(`things are left after the run: ([^"\n]+)`)
)

// leaksOf returns what the leak checks named in the failures of a spec, or of the
// suite's end for one without a name.
func leaksOf(s types.SpecReport, name string) []Leak {
	var leaks []Leak
	for _, failure := range failuresOf(s) {
		for _, what := range leftovers(clean(failure.Message), s.LeafNodeType) {
			leaks = append(leaks, Leak{Name: what, Spec: name})
		}
	}
	return leaks
}

// leftovers reads one message. A spec's own wait for a thing to go is no leak.
func leftovers(message string, node types.NodeType) []string {
	if node.Is(types.NodeTypesForSuiteLevelNodes) {
		if list := leftAfterRun.FindStringSubmatch(message); list != nil {
			return strings.Split(strings.TrimSpace(list[1]), ", ")
		}
		return nil
	}
	if !afterSpec.MatchString(message) {
		return nil
	}
	var names []string
	for _, found := range notGone.FindAllStringSubmatch(message, -1) {
		names = append(names, found[1]+" "+found[2])
	}
	for _, found := range orphan.FindAllStringSubmatch(message, -1) {
		names = append(names, "object in the bucket: "+found[1])
	}
	return names
}

// uniqueLeaks names each thing once: what a spec left is found again at the end of
// the run, under the same last part of its name.
func uniqueLeaks(leaks []Leak) []Leak {
	unique, seen := []Leak{}, map[string]bool{}
	for _, leak := range leaks {
		last := leak.Name[strings.LastIndexAny(leak.Name, " /")+1:]
		if !seen[last] {
			seen[last] = true
			unique = append(unique, leak)
		}
	}
	return unique
}
