package gate

import (
	"testing"

	"github.com/muster-csi/muster/framework/report"
)

func TestAYardstickThatIsAskedForMustHavePassed(t *testing.T) {
	policy := standard(t)
	policy.Yardsticks = []string{"csi-sanity"}
	expect(t, Judge(policy, good(t), nil), CannotJudge, "the yardstick csi-sanity that the policy asks for was not run")
	for result, want := range map[report.YardstickResult]struct {
		outcome Outcome
		reasons []string
	}{
		report.YardstickPassed:      {outcome: Pass},
		report.YardstickFailed:      {Fail, []string{"the yardstick csi-sanity failed: 2 failed cases"}},
		report.YardstickInterrupted: {CannotJudge, []string{"the yardstick csi-sanity was interrupted"}},
	} {
		subject := good(t)
		subject.Yardsticks = []report.Yardstick{{Name: "csi-sanity", Result: result, Totals: report.Totals{Failed: 2}}}
		expect(t, Judge(policy, subject, nil), want.outcome, want.reasons...)
	}
}

func TestAYardstickThatNobodyAskedForDecidesNothing(t *testing.T) {
	subject := good(t)
	subject.Yardsticks = []report.Yardstick{{Name: "csi-sanity", Result: report.YardstickFailed}}
	expect(t, Judge(standard(t), subject, nil), Pass)
}
