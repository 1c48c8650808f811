package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/cluster/embedded"
)

func newDownCommand() *cobra.Command {
	var name string
	var all bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Take down a cluster and remove everything it left on this machine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			names := []string{name}
			if all {
				var err error
				if names, err = embedded.Names(embedded.StateRoot()); err != nil {
					return err
				}
				if len(names) == 0 {
					fmt.Fprintln(cmd.OutOrStdout(), "No clusters; nothing to do.")
				}
			}
			return down(cmd.Context(), names, cmd.OutOrStdout())
		},
	}
	addNameFlag(cmd, &name)
	cmd.Flags().BoolVar(&all, "all", false, "every cluster on this machine")
	cmd.MarkFlagsMutuallyExclusive("name", "all")
	return cmd
}

// down takes down each cluster; one that fails does not keep the others up.
func down(ctx context.Context, names []string, out io.Writer) error {
	var failures []error
	for _, name := range names {
		err := embedded.Down(ctx, name)
		switch {
		case errors.Is(err, embedded.ErrAbsent):
			fmt.Fprintf(out, "No cluster %q; nothing to do.\n", name)
		case err != nil:
			failures = append(failures, err)
		default:
			fmt.Fprintf(out, "Cluster %q is down; nothing of it is left.\n", name)
		}
	}
	return errors.Join(failures...)
}
