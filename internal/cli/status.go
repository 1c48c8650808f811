package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/runner"
)

func newStatusCommand() *cobra.Command {
	var name, output string
	var kind runner.ClusterKind
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say how the clusters on this machine are",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "yaml" {
				return fmt.Errorf("unknown output %q; use text or yaml", output)
			}
			among, err := providers(cmd, kind)
			if err != nil {
				return err
			}
			all, err := statuses(cmd.Context(), name, among)
			return errors.Join(err, printStatuses(all, output, cmd.OutOrStdout()))
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "`name` of the cluster (default: all of them)")
	addKindFlag(cmd, &kind)
	cmd.Flags().Lookup("cluster").DefValue = "all of them"
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or yaml")
	return cmd
}

// statuses returns how the cluster of that name is, or all of them. What cannot be
// asked does not keep the others from being told.
func statuses(ctx context.Context, name string, among []cluster.Provider) ([]*cluster.Status, error) {
	if name != "" {
		status, err := statusOf(ctx, name, among)
		if status == nil {
			return []*cluster.Status{}, err
		}
		return []*cluster.Status{status}, nil
	}
	all, failures := []*cluster.Status{}, []error{}
	for _, provider := range among {
		names, err := provider.Names()
		failures = append(failures, err)
		for _, name := range names {
			status, err := provider.Status(ctx, name)
			failures = append(failures, err)
			if status != nil {
				all = append(all, status)
			}
		}
	}
	return all, errors.Join(failures...)
}

func printStatuses(all []*cluster.Status, output string, out io.Writer) error {
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
		return fmt.Sprintf("Cluster %q is starting%s.", s.Name, firstProcess(s))
	case cluster.Dead:
		lines := append([]string{fmt.Sprintf("Cluster %q is dead: %s.", s.Name, strings.TrimSuffix(s.Reason, "."))}, places(s)...)
		return strings.Join(append(lines, fmt.Sprintf("  clean up with: muster down --name %s --cluster %s", s.Name, s.Provider)), "\n")
	}
	node := "not Ready"
	if s.Ready {
		node = "Ready"
	}
	lines := []string{
		fmt.Sprintf("Cluster %q is running since %s%s.", s.Name, time.Since(s.Started).Round(time.Second), firstProcess(s)),
		fmt.Sprintf("  node        %s (%s) %s", s.Node, s.NodeIP, node),
		fmt.Sprintf("  pods        %d of %d ready", s.Running, s.Pods),
	}
	for _, pod := range s.Waiting {
		lines = append(lines, "              not ready: "+pod)
	}
	return strings.Join(append(lines, places(s)...), "\n")
}

// firstProcess names the process that the cluster ends with, where there is one.
func firstProcess(s *cluster.Status) string {
	if s.PID == 0 {
		return " on " + s.Provider
	}
	return fmt.Sprintf(" (first process %d)", s.PID)
}

// places says where the cluster and its files are found.
func places(s *cluster.Status) []string {
	var lines []string
	if s.Subnet != "" {
		lines = append(lines, "  subnet      "+s.Subnet)
	}
	lines = append(lines, "  kubeconfig  "+s.Kubeconfig)
	if s.PID != 0 {
		lines = append(lines, "  logs        "+s.StateDir+"/logs")
	}
	return lines
}
