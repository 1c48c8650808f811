package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/results"
)

// keptReports is where the reports of releases are kept, from the root on.
const keptReports = "docs/results"

// newResultsCommand returns "muster results", which is about the reports of releases.
func newResultsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "results",
		Short: "Keep the report of each version of a driver",
	}
	cmd.AddCommand(newResultsKeepCommand())
	return cmd
}

func newResultsKeepCommand() *cobra.Command {
	dir := keptReports
	cmd := &cobra.Command{
		Use:   "keep report",
		Short: "Store a report under the driver and version that it is about",
		Long: `Store a report under the driver and version that it is about, in place of an
earlier one of that version. muster gate --results compares the next version with it.`,
		Example: "  muster results keep _output/e2e/report.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := results.Keep(dir, args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), path)
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "dir", dir, "`folder` with a report for each version")
	return cmd
}
