package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/framework/runner"
)

// listSpecs returns all specs of the suite.
type listSpecs func(ctx context.Context) ([]contract.Spec, error)

// newExplainCommand returns "muster explain", which says all there is to know of
// a clause.
func newExplainCommand(specs listSpecs) *cobra.Command {
	return &cobra.Command{
		Use:   "explain clause",
		Short: "Say what a clause means, where it comes from and which specs check it",
		Long: `Say what a clause of the contract means, where it comes from, which specs check
it, which planted defects of the reference driver break it, and what a violation
does to a user. The specs are read from the suite itself, which is built for
that; the first time this takes a while.`,
		Example: "  muster explain R-11",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			catalogue, err := contract.Load()
			if err != nil {
				return err
			}
			clause, err := catalogue.Find(args[0])
			if err != nil {
				return fmt.Errorf("%w See muster contract list", err)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), explain(cmd.Context(), clause, specs))
			return err
		},
	}
}

// plannedSpecs builds the suite of the clone that muster is run in and asks it
// for its specs, as make test does.
func plannedSpecs(ctx context.Context) ([]contract.Spec, error) {
	root, err := components.FindRoot()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "muster-explain-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the suite: %w", err)
	}
	defer os.RemoveAll(dir)
	suite, err := runner.BuildSuite(ctx, root, dir)
	if err != nil {
		return nil, err
	}
	return suite.Plan(ctx, runner.Selection{})
}

// explain writes everything about the clause. What cannot be found out, because
// muster is not run in a clone, is said in its place.
func explain(ctx context.Context, clause contract.Clause, specs listSpecs) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s, %s\n\n", clause.ID, classes[clause.Class])
	paragraph := func(title, body string) {
		if body != "" {
			fmt.Fprintf(&text, "%s\n", block(title, body))
		}
	}
	paragraph("says", clause.Sentence)
	paragraph("before "+clause.Since, clause.Before)
	paragraph("if violated", clause.Means)
	paragraph("versions", clause.Versions())
	paragraph("capability", string(clause.Capability))
	paragraph("section", clause.Section)
	paragraph("source", clause.Source)
	paragraph("checked by", checkedBy(ctx, clause, specs))
	paragraph("broken by", brokenBy(clause))
	return text.String()
}

// classes says what a violation of a class is.
var classes = map[contract.Class]string{
	contract.Must:      "class M: holds on every version of Longhorn",
	contract.Versioned: "class V: holds on some versions of Longhorn",
	contract.Quirk:     "class Q: a quirk of Longhorn, reported and never a failure",
}

// checkedBy names the specs of the clause, a line each, or says what checks it
// instead.
func checkedBy(ctx context.Context, clause contract.Clause, specs listSpecs) string {
	switch clause.Checked {
	case contract.Open:
		return "nothing: " + clause.Reason
	case contract.ByDriverTests:
		return "the component tests of the reference driver (make test)"
	}
	all, err := specs(ctx)
	if err != nil {
		return fmt.Sprintf("specs that cannot be listed here: %v", err)
	}
	var names []string
	for _, spec := range all {
		if slices.Contains(contract.IDs(spec.Labels), clause.ID) {
			names = append(names, spec.Name)
		}
	}
	return strings.Join(names, "\n")
}

// brokenBy names the deviations that break the clause, a line each.
func brokenBy(clause contract.Clause) string {
	var lines []string
	for _, d := range deviation.All() {
		if d.Clause == clause.ID {
			lines = append(lines, fmt.Sprintf("%s: %s", d.Name, d.Summary))
		}
	}
	return strings.Join(lines, "\n")
}
