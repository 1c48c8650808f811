package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/gate"
)

// newCompareCommand returns "muster compare", which says what changed between
// two reports.
func newCompareCommand() *cobra.Command {
	return judging(&cobra.Command{
		Use:   "compare old new",
		Short: "Say what changed from one report to another",
		Long: `Say what changed from one report to another: regressions and new failures, new
passes, what is not examined any more, specs that pass only on a retry, leaks,
and operations that take longer, beyond noise.

The exit code is 0 when nothing is worse, 1 when something is, and 2 when the
reports cannot be read.`,
		Example: "  muster compare last-week/report.yaml _output/e2e/report.yaml",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := gate.ReadReport(args[0])
			after, err2 := gate.ReadReport(args[1])
			if err := errors.Join(err, err2); err != nil {
				return notJudged(err)
			}
			comparison := gate.Compare(before, after, gate.Noise())
			if err := printComparison(cmd.OutOrStdout(), before, after, comparison); err != nil {
				return err
			}
			if comparison.Worse() {
				return errNotPassed
			}
			return nil
		},
	})
}
