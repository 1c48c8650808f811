package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/access"
)

// newRBACCommand returns "muster rbac", which prints the rights that a run needs.
func newRBACCommand() *cobra.Command {
	var name string
	var keepSettings bool
	cmd := &cobra.Command{
		Use:   "rbac",
		Short: "Print the roles that suffice to run the specs in a cluster",
		Long: `Print the ClusterRole, and the Role in longhorn-system, that suffice to run the specs
in a cluster with a driver (muster e2e --cluster existing), with the reason beside each
rule. Bind both to the account whose kubeconfig the run gets. "muster e2e
--as-service-account" makes such an account for the run itself.`,
		Example: `  muster rbac | kubectl apply -f -
  kubectl create clusterrolebinding muster --clusterrole muster --serviceaccount ci:muster
  kubectl create rolebinding muster -n longhorn-system --role muster --serviceaccount ci:muster`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := access.NewRoles(name, keepSettings).YAML()
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.OutOrStdout(), text)
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "muster", "`name` of both roles")
	cmd.Flags().BoolVar(&keepSettings, "keep-settings", false, "for runs with --keep-settings: without the right to change settings")
	return cmd
}
