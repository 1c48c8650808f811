package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/why"
)

// whyFlags say where the object is.
type whyFlags struct {
	cluster    string
	kubeconfig string
	namespace  string
}

// newWhyCommand returns "muster why", which finds out why something is not ready.
func newWhyCommand() *cobra.Command {
	var flags whyFlags
	cmd := &cobra.Command{
		Use:   "why kind/name",
		Short: "Say why a snapshot, claim or pod is not ready",
		Long: `Say why a snapshot, claim or pod is not ready: the cause in one sentence, and
below it the chain that leads there. Muster walks from the object to what it
depends on: class, source, content, Longhorn's own resources behind the handle,
backup target, attachment, events, and what sidecars and driver logged about
it. Nothing is changed. It works with any cluster that has Longhorn or the reference
driver.

The object is written as for kubectl: volumesnapshot (vs), volumesnapshotcontent
(vsc), pvc, pod, and Longhorn's volume, snapshot, backup, backingimage and
backuptarget.

The exit code is 0 when the object is ready, 1 when it is not, and 2 when that
cannot be told: no such object, no connection to the cluster.`,
		Example: `  muster why -n shop volumesnapshot/nightly
  muster why -n shop pvc/restored
  muster why -n shop pod database-0
  muster why --cluster e2e backuptarget/default`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			chain, err := flags.look(cmd.Context(), args)
			if err != nil {
				return notJudged(err)
			}
			return printChain(cmd.OutOrStdout(), chain)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&flags.namespace, "namespace", "n", "", "`namespace` of the object (default: that of the kubeconfig's context)")
	addKubeconfigFlag(cmd, &flags.kubeconfig)
	f.StringVar(&flags.cluster, "cluster", "", "`name` of a cluster that \"muster up\" or \"muster e2e --keep\" has made, instead of a kubeconfig")
	return judging(cmd)
}

// printChain writes the cause and what leads to it; the error says only that the object is not ready.
func printChain(out io.Writer, chain *why.Chain) error {
	if _, err := io.WriteString(out, chain.String()); err != nil {
		return notJudged(err)
	}
	if !chain.Ready {
		return errNotPassed
	}
	return nil
}

// look finds the object and what it depends on.
func (f whyFlags) look(ctx context.Context, args []string) (*why.Chain, error) {
	if f.cluster != "" && f.kubeconfig != "" {
		return nil, errors.New("there are --cluster and --kubeconfig: give one of them")
	}
	if _, err := why.ParseSubject("", args); err != nil { // before a cluster is looked for
		return nil, err
	}
	config, namespace, err := f.connection(ctx)
	if err != nil {
		return nil, err
	}
	subject, err := why.ParseSubject(namespace, args)
	if err != nil {
		return nil, err
	}
	source, err := why.Connect(config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeouts.Why)
	defer cancel()
	return why.Look(ctx, source, subject)
}

// connection returns how to reach the cluster, and the namespace that counts.
func (f whyFlags) connection(ctx context.Context) (*rest.Config, string, error) {
	kubeconfig := f.kubeconfig
	if f.cluster != "" {
		status, err := anyCluster(ctx, f.cluster)
		if status == nil {
			return nil, "", err
		}
		if status.Phase != cluster.Running {
			return nil, "", fmt.Errorf("cluster %q is %s: give the name of another with --cluster, or a kubeconfig", f.cluster, status.Phase)
		}
		kubeconfig = status.Kubeconfig
	}
	loaded := loadedFrom(kubeconfig)
	config, err := loaded.ClientConfig()
	if clientcmd.IsEmptyConfig(err) {
		return nil, "", errors.New("there is no kubeconfig: give it with --kubeconfig, or name a cluster of muster's with --cluster")
	}
	if err != nil {
		return nil, "", fmt.Errorf("cannot use the kubeconfig: %w", err)
	}
	if f.namespace != "" {
		return config, f.namespace, nil
	}
	namespace, _, err := loaded.Namespace()
	if err != nil {
		return nil, "", fmt.Errorf("cannot tell the namespace from the kubeconfig: give it with -n: %w", err)
	}
	return config, namespace, nil
}
