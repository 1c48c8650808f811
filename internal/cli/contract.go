package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/internal/nearest"
)

// newContractCommand returns "muster contract", which shows what is checked.
func newContractCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "Show the contract: what a driver must do, clause by clause",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return fmt.Errorf("unknown command %q for %q; did you mean %s?", args[0], cmd.CommandPath(),
				nearest.Of(args[0], []string{"list"}))
		},
	}
	cmd.AddCommand(newContractListCommand())
	return cmd
}

// clauseFilter chooses clauses; the zero value chooses all.
type clauseFilter struct {
	classes      []string
	capabilities []string
	uncovered    bool
	release      config.Contract
	inRelease    bool
}

// newContractListCommand returns "muster contract list".
func newContractListCommand() *cobra.Command {
	var filter clauseFilter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the clauses of the contract and how each is checked",
		Long: `List the clauses of the contract and how each is checked: by specs against any
driver, by the component tests of the reference driver (make test), or not at
all, and then why.

Classes: M holds on every version of Longhorn, V from or until a version, Q is a
quirk that is reported and never a failure.`,
		Example: `  muster contract list --class M --capability bak
  muster contract list --contract 1.4
  muster contract list --uncovered`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter.inRelease = cmd.Flags().Changed("contract")
			catalogue, err := contract.Load()
			if err != nil {
				return err
			}
			clauses, err := filter.choose(catalogue)
			if err != nil {
				return err
			}
			return printClauses(cmd.OutOrStdout(), catalogue, clauses)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&filter.classes, "class", nil, "clauses of this `class`: M, V or Q; may be given several times")
	f.StringSliceVar(&filter.capabilities, "capability", nil, "clauses of this `capability`, such as bak; may be given several times")
	f.BoolVar(&filter.uncovered, "uncovered", false, "only clauses that neither a spec nor a test of the driver checks")
	f.Var(&filter.release, "contract", "only what holds for this Longhorn release, 1.3 to 1.12, in its words")
	f.Lookup("contract").DefValue = ""
	return cmd
}

// choose returns the clauses of the catalogue that fit, by id.
func (f clauseFilter) choose(catalogue *contract.Catalogue) ([]contract.Clause, error) {
	classes, capabilities := map[contract.Class]bool{}, map[contract.Capability]bool{}
	for _, name := range f.classes {
		class := contract.Class(strings.ToUpper(name))
		if class != contract.Must && class != contract.Versioned && class != contract.Quirk {
			return nil, fmt.Errorf("unknown class %q; there are M, V and Q", name)
		}
		classes[class] = true
	}
	for _, name := range f.capabilities {
		capability, err := contract.ParseCapability(name)
		if err != nil {
			return nil, err
		}
		capabilities[capability] = true
	}
	var chosen []contract.Clause
	for _, clause := range catalogue.Clauses() {
		holds := true
		if f.inRelease {
			clause, holds = clause.In(f.release.String())
		}
		if holds && (len(classes) == 0 || classes[clause.Class]) && (len(capabilities) == 0 || capabilities[clause.Capability]) &&
			(!f.uncovered || clause.Checked == contract.Open) {
			chosen = append(chosen, clause)
		}
	}
	return chosen, nil
}

// printClauses writes a row per clause, and last how many there are of each
// kind. The sentence ends the row: it may be long.
func printClauses(out io.Writer, catalogue *contract.Catalogue, clauses []contract.Clause) error {
	table := newTable("ID", "CLASS", "VERSIONS", "CAPABILITY", "CHECKED", "SENTENCE")
	classes, checked := map[contract.Class]int{}, map[contract.Checked]int{}
	for _, clause := range clauses {
		sentence := clause.Sentence
		if now, _ := catalogue.Clause(clause.ID); now.Sentence != sentence {
			// What older releases do is often said in words that need the clause.
			sentence += fmt.Sprintf(" [from %s: %s]", now.Since, now.Sentence)
		}
		if clause.Reason != "" {
			sentence += " [not checked: " + clause.Reason + "]"
		}
		table.row(clause.ID, string(clause.Class), clause.Versions(), string(clause.Capability), how[clause.Checked], sentence)
		classes[clause.Class]++
		checked[clause.Checked]++
	}
	_, err := fmt.Fprintf(out, "%s%s: %d M, %d V, %d Q; %d checked by specs, %d by tests of the driver, %d not checked\n",
		table, counted(len(clauses), "clause"), classes[contract.Must], classes[contract.Versioned], classes[contract.Quirk],
		checked[contract.BySuite], checked[contract.ByDriverTests], checked[contract.Open])
	return err
}

// how says where clauses are checked.
var how = map[contract.Checked]string{contract.BySuite: "specs", contract.ByDriverTests: "driver", contract.Open: "-"}
