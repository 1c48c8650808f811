package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/runner"
)

func newDownCommand() *cobra.Command {
	var name string
	var kind runner.ClusterKind
	var all bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Take down a cluster and remove everything it left on this machine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if all {
				among, err := providers(cmd, kind)
				if err != nil {
					return err
				}
				return downAll(cmd.Context(), among, cmd.OutOrStdout())
			}
			provider, err := runner.ClusterOptions{Kind: kind}.Provider()
			if err != nil {
				return err
			}
			return down(cmd.Context(), provider, name, cmd.OutOrStdout())
		},
	}
	addNameFlag(cmd, &name)
	addKindFlag(cmd, &kind)
	cmd.Flags().BoolVar(&all, "all", false, "every cluster on this machine that muster has brought up")
	cmd.MarkFlagsMutuallyExclusive("name", "all")
	return cmd
}

// downAll takes down each cluster; one that fails does not keep the others up.
func downAll(ctx context.Context, among []cluster.Provider, out io.Writer) error {
	var failures []error
	count := 0
	for _, provider := range among {
		names, err := provider.Names()
		failures = append(failures, err)
		count += len(names)
		for _, name := range names {
			failures = append(failures, down(ctx, provider, name, out))
		}
	}
	if count == 0 {
		fmt.Fprintln(out, "No clusters; nothing to do.")
	}
	return errors.Join(failures...)
}

func down(ctx context.Context, provider cluster.Provider, name string, out io.Writer) error {
	err := provider.Down(ctx, name)
	switch {
	case errors.Is(err, cluster.ErrAbsent):
		fmt.Fprintf(out, "No cluster %q; nothing to do.\n", name)
	case err != nil:
		return err
	default:
		fmt.Fprintf(out, "Cluster %q is down; nothing of it is left.\n", name)
	}
	return nil
}
