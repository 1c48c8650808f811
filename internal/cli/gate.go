package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/fixtures"
	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/gate"
	"github.com/muster-csi/muster/framework/results"
)

// newGateCommand returns "muster gate", which holds a report against a policy.
func newGateCommand() *cobra.Command {
	var policy, baseline, kept string
	cmd := &cobra.Command{
		Use:   "gate report",
		Short: "Say whether a report is good enough, by a policy",
		Long: `Say whether a report is good enough, by a policy: which profiles must hold, which
quirks are allowed, how many specs may pass only on a retry or be skipped, what
may be left behind, and how much slower than an earlier report things may be.

Without --policy it is the policy that muster carries (fixtures/gate.yaml), which
explains every key.

The exit code is 0 when the report passes, 1 when it fails, and 2 when that
cannot be judged: a report or policy that cannot be read, clauses that were not
examined, a baseline that the policy asks for and that is missing.`,
		Example: `  muster gate _output/e2e/report.yaml
  muster gate _output/e2e/report.yaml --results docs/results
  muster gate --policy gate.yaml _output/e2e/report.yaml --baseline last-release.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			verdict, err := judge(args[0], policy, baseline, kept)
			if err != nil {
				return notJudged(err)
			}
			if err := printVerdict(cmd.OutOrStdout(), verdict); err != nil {
				return notJudged(err)
			}
			return map[gate.Outcome]error{gate.Fail: errNotPassed, gate.CannotJudge: errNotJudged}[verdict.Outcome]
		},
	}
	cmd.Flags().StringVar(&policy, "policy", "", "`file` with the policy (default: the one that muster carries)")
	cmd.Flags().StringVar(&baseline, "baseline", "", "`report` of an earlier run, to which this one is compared")
	cmd.Flags().StringVar(&kept, "results", "", "`folder` with a report for each version; the baseline is that of the version before")
	cmd.MarkFlagsMutuallyExclusive("baseline", "results")
	return judging(cmd)
}

// judge reads the files and holds the report against the policy; no policy is
// muster's own, no baseline is none. A driver's first release has none either.
func judge(reportFile, policyFile, baselineFile, kept string) (gate.Verdict, error) {
	policy, err := readPolicy(policyFile)
	if err != nil {
		return gate.Verdict{}, err
	}
	subject, err := gate.ReadReport(reportFile)
	if err != nil {
		return gate.Verdict{}, err
	}
	if kept != "" {
		if baselineFile, err = results.Before(kept, subject); err != nil && !errors.Is(err, results.ErrNoneBefore) {
			return gate.Verdict{}, err
		}
	}
	if baselineFile == "" {
		return gate.Judge(policy, subject, nil), nil
	}
	baseline, err := gate.ReadReport(baselineFile)
	if err != nil {
		return gate.Verdict{}, fmt.Errorf("the baseline: %w", err)
	}
	return gate.Judge(policy, subject, baseline), nil
}

func readPolicy(file string) (*gate.Policy, error) {
	catalogue, err := contract.Load()
	if err != nil {
		return nil, err
	}
	if file == "" {
		return gate.ParsePolicy(fixtures.Gate, catalogue)
	}
	return gate.ReadPolicy(file, catalogue)
}

// printVerdict writes the reasons, then what else there is to know, and last the
// outcome alone on a line, in a form that a program can match.
func printVerdict(out io.Writer, v gate.Verdict) error {
	mark := map[gate.Outcome]string{gate.Fail: "✗", gate.CannotJudge: "?"}[v.Outcome]
	var text strings.Builder
	for _, reason := range v.Reasons {
		fmt.Fprintf(&text, "%s %s\n", mark, wrap(oneLine(reason), 2))
	}
	for _, note := range v.Notes {
		fmt.Fprintf(&text, "- %s\n", wrap(oneLine(note), 2))
	}
	last := string(v.Outcome)
	if len(v.Reasons) > 0 {
		last += ": " + counted(len(v.Reasons), "reason")
	}
	fmt.Fprintln(&text, last)
	_, err := io.WriteString(out, text.String())
	return err
}
