package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/clean"
	"github.com/muster-csi/muster/framework/existing"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/runid"
)

// newCleanCommand returns "muster clean", which removes what a killed run has left.
func newCleanCommand() *cobra.Command {
	var run, kubeconfig string
	var dry bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove what a killed run has left in a cluster",
		Long: `Remove what a run of the specs that was killed has left in a cluster: its namespaces
and everything in them, volumes, snapshots, backups and images that the driver made
for them, its classes and backup targets. Put back what it had changed for the whole
cluster: settings, the default BackupTarget, options of the reference driver.

A run prints its id when it begins. Without --run the runs are listed of which the
cluster has anything. Do not clean up after a run that still runs.`,
		Example: `  muster clean --kubeconfig admin.conf
  muster clean --run k7xq2b --kubeconfig admin.conf --dry-run
  muster clean --run k7xq2b --kubeconfig admin.conf`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := connect(kubeconfig)
			if err != nil {
				return err
			}
			if run == "" {
				return listRuns(cmd.Context(), c, cmd.OutOrStdout())
			}
			if err := runid.Check(run); err != nil {
				return err
			}
			if dry {
				return listLeftovers(cmd.Context(), c, run, cmd.OutOrStdout())
			}
			return cleanUp(cmd.Context(), c, run, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "`id` of the run")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only list what would be removed and put back")
	addKubeconfigFlag(cmd, &kubeconfig)
	return cmd
}

func listRuns(ctx context.Context, c *kube.Client, out io.Writer) error {
	runs, err := clean.Runs(ctx, c)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		fmt.Fprintln(out, "The cluster has nothing of any run.")
		return nil
	}
	table := newTable("RUN", "SINCE", "OBJECTS", "CHANGED")
	for _, run := range runs {
		since := "-"
		if !run.Since.IsZero() {
			since = run.Since.Local().Format(time.DateTime)
		}
		table.row(run.ID, since, strconv.Itoa(run.Made), strconv.Itoa(run.Changed))
	}
	fmt.Fprint(out, table)
	return nil
}

func listLeftovers(ctx context.Context, c *kube.Client, run string, out io.Writer) error {
	left, err := clean.Find(ctx, c, run)
	if err != nil {
		return err
	}
	for _, object := range left.Changed {
		fmt.Fprintln(out, "would put back "+object.String())
	}
	for _, object := range left.Made {
		fmt.Fprintln(out, "would remove "+object.String())
	}
	if left.Empty() {
		fmt.Fprintf(out, "The cluster has nothing of run %s.\n", run)
	}
	return nil
}

func cleanUp(ctx context.Context, c *kube.Client, run string, out io.Writer) error {
	left, err := clean.Find(ctx, c, run)
	if err != nil {
		return err
	}
	if left.Empty() {
		fmt.Fprintf(out, "The cluster has nothing of run %s.\n", run)
		return nil
	}
	cluster, err := existing.ForCleaning(ctx, c, run)
	if err != nil {
		return err
	}
	if err := clean.Clean(ctx, cluster, func(line string) { fmt.Fprintln(out, line) }); err != nil {
		return err
	}
	fmt.Fprintf(out, "The cluster has nothing of run %s any more.\n", run)
	return nil
}
