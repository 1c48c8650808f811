package cli

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/runner"
	"github.com/muster-csi/muster/framework/target"
)

type upFlags struct {
	runner.ClusterOptions
	subnet string
	bare   bool
	// contract is what the driver follows.
	contract config.Contract
}

func newUpCommand() *cobra.Command {
	flags := upFlags{contract: config.LatestContract()}
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Bring up a Kubernetes cluster with the reference driver on this machine",
		Long: `Brings up a real Kubernetes cluster and installs the snapshot controller, MinIO
and the reference driver. It runs in namespaces of its own, without Docker, and
needs Linux and root; or with --cluster kind in Docker containers. Builds what is
missing first.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return up(cmd.Context(), flags, cmd.OutOrStdout())
		},
	}
	addNameFlag(cmd, &flags.Name)
	addClusterFlags(cmd, &flags.ClusterOptions)
	cmd.Flags().StringVar(&flags.subnet, "subnet", "", "IPv4 `range` for node, pods and Services, such as 10.210.16.0/20 (default: a free one)")
	addContractFlag(cmd, &flags.contract)
	cmd.Flags().BoolVar(&flags.bare, "bare", false, "Kubernetes only: no snapshot controller, MinIO or driver")
	return cmd
}

// addContractFlag adds --contract, the same for every command that installs the driver.
func addContractFlag(cmd *cobra.Command, contract *config.Contract) {
	cmd.Flags().Var(contract, "contract", "Longhorn version whose behaviour the driver shows, 1.3 to 1.12")
}

func up(ctx context.Context, flags upFlags, out io.Writer) error {
	provider, err := flags.Provider()
	if err != nil {
		return err
	}
	if err := provider.Check(ctx, flags.Name, false); err != nil {
		return err
	}
	opts := components.Options{Progress: out}
	bare, optional := provider.Needs()
	opts.With = optional
	if flags.bare {
		opts.Only = bare
	}
	set, err := components.Ensure(ctx, opts)
	if err != nil {
		return err
	}
	began := time.Now()
	fmt.Fprintf(out, "Bringing up cluster %q\n", flags.Name)
	info, err := provider.Up(ctx, cluster.Request{Name: flags.Name, Subnet: flags.subnet, Set: set, Progress: out})
	if err != nil {
		return err
	}
	if !flags.bare {
		if err := installAddons(ctx, provider, info, set, flags.contract.String(), out); err != nil {
			return err
		}
	}
	kubectl := "kubectl"
	if _, err := exec.LookPath(kubectl); err != nil {
		kubectl = set.Binary(kubectl)
	}
	fmt.Fprintf(out, "Cluster %q is ready after %.1f s. Use it with\n  %s --kubeconfig %s get pods -A\n",
		info.Name, time.Since(began).Seconds(), kubectl, info.Kubeconfig)
	return nil
}

// installAddons installs what the suite needs. An interrupted installation
// takes the cluster down again; a failed one leaves it up to be looked at.
func installAddons(ctx context.Context, provider cluster.Provider, info *cluster.Info, set *components.Set, contract string, out io.Writer) error {
	began := time.Now()
	access, err := clientcmd.BuildConfigFromFlags("", info.Kubeconfig)
	if err != nil {
		return fmt.Errorf("read the kubeconfig: %w", err)
	}
	access.QPS = -1 // no client-side limit
	access.WarningHandler = rest.NoWarnings{}
	err = target.InstallAddons(ctx, access, set, contract)
	if err == nil {
		fmt.Fprintf(out, "  ✓ %-28s %5.1f s\n", "driver, snapshots, MinIO", time.Since(began).Seconds())
		return nil
	}
	if ctx.Err() != nil {
		// The interruption must not stop the cleaning.
		if downErr := provider.Down(context.WithoutCancel(ctx), info.Name); downErr != nil {
			return downErr
		}
		return fmt.Errorf("interrupted while installing into cluster %q; it was taken down again", info.Name)
	}
	return fmt.Errorf("cluster %q runs, but installing into it failed: %w; look at it with kubectl --kubeconfig %s, then: muster down --name %s",
		info.Name, err, info.Kubeconfig, info.Name)
}
