package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/runner"
)

func newKubeconfigCommand() *cobra.Command {
	var name string
	var kind runner.ClusterKind
	cmd := &cobra.Command{
		Use:   "kubeconfig",
		Short: "Print the path of a cluster's kubeconfig file",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			among, err := providers(cmd, kind)
			if err != nil {
				return err
			}
			s, err := statusOf(cmd.Context(), name, among)
			if s == nil {
				return err
			}
			if s.Phase != cluster.Running {
				return fmt.Errorf("cluster %q is %s; bring it up with: muster up --name %s", name, s.Phase, name)
			}
			fmt.Fprintln(cmd.OutOrStdout(), s.Kubeconfig)
			return nil
		},
	}
	addNameFlag(cmd, &name)
	addKindFlag(cmd, &kind)
	return cmd
}
