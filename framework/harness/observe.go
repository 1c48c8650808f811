package harness

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"
)

// Observe reports whether the driver has the quirk that a clause of class Q describes, and what was seen.
// Neither answer fails the spec.
func Observe(clause string, present bool, format string, args ...any) {
	ginkgo.GinkgoHelper()
	word := "absent"
	if present {
		word = "present"
	}
	ginkgo.AddReportEntry(fmt.Sprintf("%s: %s: %s", clause, word, fmt.Sprintf(format, args...)))
}
