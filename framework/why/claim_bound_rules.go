package why

import (
	"fmt"
	"strings"
)

// boundRules are about a claim that is Bound and cannot be used yet.
var boundRules = []func(*claimFacts) string{
	pvMissing, volumeMissing,
	func(f *claimFacts) string { return first(f.behind, volumeRules) },
}

// claimHeld are rules about a deletion that does not end.
var claimHeld = []func(*claimFacts) string{usedByPods, claimFinalizers}

func pvMissing(f *claimFacts) string {
	if !f.volume.absent {
		return ""
	}
	return f.volume.label + ", to which it is bound, does not exist any more"
}

func volumeMissing(f *claimFacts) string {
	if !f.behind.volume.absent {
		return ""
	}
	return f.behind.volume.label + " does not exist any more: its data are gone"
}

func usedByPods(f *claimFacts) string {
	if len(f.users) == 0 {
		return ""
	}
	return fmt.Sprintf("pods %s use it: delete them first", strings.Join(f.users, ", "))
}

func claimFinalizers(f *claimFacts) string {
	return fmt.Sprintf("finalizers hold it: %s", strings.Join(f.object.Finalizers, ", "))
}
