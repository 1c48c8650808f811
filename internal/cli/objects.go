package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/objects"
)

// newObjectsCommand returns "muster objects", which says what a cluster holds and what has changed.
func newObjectsCommand() *cobra.Command {
	var kubeconfig string
	cmd := &cobra.Command{
		Use:   "objects",
		Short: "List what a cluster holds, to see later what has changed",
		Long: `Print every object of a cluster, whatever its kind, as YAML: a hash for each field
and no values. What changes by itself is left out: events, leases, endpoints, what
controllers report in status, bookkeeping of the API server, and the pods and
ReplicaSets that Kubernetes makes from other objects. Of a secret only its version
is noted.

"muster objects diff" compares such a file with the cluster as it is then.`,
		Example: `  muster objects --kubeconfig admin.conf > before.yaml
  muster e2e --cluster existing --kubeconfig admin.conf
  muster objects diff before.yaml --kubeconfig admin.conf`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := connect(kubeconfig)
			if err != nil {
				return err
			}
			now, err := objects.Take(cmd.Context(), c)
			if err != nil {
				return err
			}
			text, err := now.Encode()
			if err != nil {
				return fmt.Errorf("encode the objects: %w", err)
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	addKubeconfigFlag(cmd, &kubeconfig)
	cmd.AddCommand(newObjectsDiffCommand())
	return cmd
}

func newObjectsDiffCommand() *cobra.Command {
	var kubeconfig string
	cmd := &cobra.Command{
		Use:   "diff before.yaml",
		Short: "Say what is different from a list that muster objects has made",
		Long: `Print what has appeared (+), gone (-) or is another (~, with the fields that differ)
since muster objects has made the file.

The exit code is 0 when nothing has changed, 1 when something has, and 2 when that
cannot be said: a file that cannot be read, a cluster that does not answer.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			changes, err := changedSince(cmd, args[0], kubeconfig)
			if err != nil {
				return notJudged(err)
			}
			out := cmd.OutOrStdout()
			for _, change := range changes {
				fmt.Fprintln(out, change)
			}
			if len(changes) > 0 {
				fmt.Fprintf(out, "%d objects are different\n", len(changes))
				return errNotPassed
			}
			fmt.Fprintln(out, "no object is different")
			return nil
		},
	}
	addKubeconfigFlag(cmd, &kubeconfig)
	return judging(cmd)
}

// changedSince compares the file with the cluster.
func changedSince(cmd *cobra.Command, path, kubeconfig string) ([]objects.Change, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the list of objects: %w", err)
	}
	before, err := objects.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not a list of objects: %w", path, err)
	}
	c, err := connect(kubeconfig)
	if err != nil {
		return nil, err
	}
	now, err := objects.Take(cmd.Context(), c)
	if err != nil {
		return nil, err
	}
	return objects.Diff(before, now), nil
}
