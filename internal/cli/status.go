package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/embedded"
)

func newStatusCommand() *cobra.Command {
	var name, output string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say how the clusters on this machine are",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "yaml" {
				return fmt.Errorf("unknown output %q; use text or yaml", output)
			}
			names := []string{name}
			if name == "" {
				var err error
				if names, err = embedded.Names(embedded.StateRoot()); err != nil {
					return err
				}
			}
			return status(cmd.Context(), names, output, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "`name` of the cluster (default: all of them)")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or yaml")
	return cmd
}

func status(ctx context.Context, names []string, output string, out io.Writer) error {
	all := []*cluster.Status{}
	for _, name := range names {
		s, err := embedded.Status(ctx, name)
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	if output == "yaml" {
		text, err := yaml.Marshal(all)
		if err != nil {
			return err
		}
		_, err = out.Write(text)
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(out, "No cluster.")
	}
	for _, s := range all {
		fmt.Fprintln(out, describeStatus(s))
	}
	return nil
}

// describeStatus puts a status into a sentence or a few lines.
func describeStatus(s *cluster.Status) string {
	switch s.Phase {
	case cluster.Absent:
		return fmt.Sprintf("No cluster %q.", s.Name)
	case cluster.Starting:
		return fmt.Sprintf("Cluster %q is starting (first process %d).", s.Name, s.PID)
	case cluster.Dead:
		return fmt.Sprintf("Cluster %q is dead: %s.\n  logs     %s/logs\n  clean up with: muster down --name %s",
			s.Name, strings.TrimSuffix(s.Reason, "."), s.StateDir, s.Name)
	}
	node := "not Ready"
	if s.Ready {
		node = "Ready"
	}
	lines := []string{
		fmt.Sprintf("Cluster %q is running since %s (first process %d).", s.Name, time.Since(s.Started).Round(time.Second), s.PID),
		fmt.Sprintf("  node        %s (%s) %s", s.Node, s.NodeIP, node),
		fmt.Sprintf("  pods        %d of %d ready", s.Running, s.Pods),
	}
	for _, pod := range s.Waiting {
		lines = append(lines, "              not ready: "+pod)
	}
	return strings.Join(append(lines,
		"  subnet      "+s.Subnet,
		"  kubeconfig  "+s.Kubeconfig,
		"  logs        "+s.StateDir+"/logs"), "\n")
}
