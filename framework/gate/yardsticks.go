package gate

import (
	"slices"

	"github.com/muster-csi/muster/framework/report"
)

// yardsticks fails for each yardstick that the policy asks for and that failed, and
// misses those that were not run to their end.
func (j *judgement) yardsticks() {
	for _, name := range j.policy.Yardsticks {
		at := slices.IndexFunc(j.report.Yardsticks, func(y report.Yardstick) bool { return y.Name == name })
		switch {
		case at < 0:
			j.miss("the yardstick %s that the policy asks for was not run: make e2e YARDSTICKS=1 runs it", name)
		case j.report.Yardsticks[at].Result == report.YardstickFailed:
			j.fail("the yardstick %s failed: %s", name, counted(j.report.Yardsticks[at].Totals.Failed, "failed case"))
		case j.report.Yardsticks[at].Result != report.YardstickPassed:
			j.miss("the yardstick %s was interrupted: let it end", name)
		}
	}
}
