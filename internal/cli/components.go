package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/components"
)

// newComponentsCommand returns "muster components", which builds what a cluster
// is made of and lists it.
func newComponentsCommand() *cobra.Command {
	var only []string
	cmd := &cobra.Command{
		Use:   "components",
		Short: "Build the programs, images and CRDs of a cluster into the cache",
		Long: `Build the programs, images and CRDs of a cluster into the cache.

The first time this takes about 20 minutes on two cores. It can be interrupted
and goes on where it was. Every other command does it by itself when needed.
The cache is $MUSTER_CACHE, else the folder muster in the user's cache directory.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := components.Ensure(cmd.Context(), components.Options{
				Only:     only,
				Progress: cmd.ErrOrStderr(),
			})
			if err != nil {
				return err
			}
			return printComponents(cmd.OutOrStdout(), set.Results())
		},
	}
	cmd.Flags().StringSliceVar(&only, "only", nil, "build these only, for example kubelet,runc")
	return cmd
}

// printComponents writes a row per component: where it came from and its size.
func printComponents(w io.Writer, results []components.Result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COMPONENT\tVERSION\tSTATE\tSECONDS\tSIZE\tIMAGE")
	for _, r := range results {
		state, seconds := "cached", "-"
		if r.Built {
			state, seconds = "built", fmt.Sprintf("%.1f", r.Took.Seconds())
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n",
			r.Name, r.Version, state, seconds, mebibytes(r.Size), mebibytes(r.ImageSize))
	}
	return table.Flush()
}

// mebibytes writes a size for a person; nothing is a dash.
func mebibytes(bytes int64) string {
	if bytes == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
}
