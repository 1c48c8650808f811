package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/backupstore/audit"
	"github.com/muster-csi/muster/framework/cluster"
)

// auditFlags say where the backup target is and how to get in.
type auditFlags struct {
	cluster    string
	secret     string
	kubeconfig string
	secretFile string
	endpoint   string
	output     string
	opts       audit.Options
}

// newAuditCommand returns "muster audit", which examines a backup target.
func newAuditCommand() *cobra.Command {
	var flags auditFlags
	cmd := &cobra.Command{
		Use:   "audit [target]",
		Short: "Read a backup target and say which backups in it can be restored",
		Long: `Read a backup target, all of it, and say everything that is wrong with it:
whether each block of each backup is there and holds what it should, whether
anything is left over, and which backups are lost. Nothing is written.

The target is written as Longhorn has it, s3://bucket@region/path/, or is a
directory, file:///mnt/backups, such as a mounted NFS share. Without a target it
is the bucket of a cluster that "muster up" or "muster e2e --keep" has made.

The keys for S3 are those of the secret of Longhorn's backup target. They come
from that secret in a cluster, from a file, or from the environment. A store
inside the cluster of --secret is reached through the cluster's API server.

The exit code is 0 only when nothing is wrong.`,
		Example: `  muster audit --cluster muster
  muster audit s3://backupbucket@us-east-1/ --secret longhorn-system/minio-secret
  muster audit s3://backups@eu-west-1/prod/ --secret-file secret.yaml --volume pvc-1234
  muster audit file:///mnt/backups -o yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			target := ""
			if len(args) > 0 {
				target = args[0]
			}
			if err := flags.check(cmd, target); err != nil {
				return err
			}
			return runAudit(cmd.Context(), target, flags, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.cluster, "cluster", cluster.DefaultName, "`name` of the cluster whose bucket is read when there is no target")
	f.StringVar(&flags.secret, "secret", "", "`namespace/name` of the secret with the keys, in the cluster of --kubeconfig")
	f.StringVar(&flags.kubeconfig, "kubeconfig", "", "`file` with the connection to the cluster of --secret (default: $KUBECONFIG, else ~/.kube/config)")
	f.StringVar(&flags.secretFile, "secret-file", "", "`file` with the keys: the YAML of the secret, or KEY=VALUE lines")
	f.StringVar(&flags.endpoint, "endpoint", "", "`URL` of the S3 store, instead of AWS_ENDPOINTS among the keys")
	f.StringSliceVar(&flags.opts.Volumes, "volume", nil, "read this `volume` only; may be given several times")
	f.BoolVar(&flags.opts.Running, "running", false, "backups and deletions may be running: what they have begun is no violation")
	f.StringVarP(&flags.output, "output", "o", "text", "text or yaml")
	cmd.MarkFlagsMutuallyExclusive("secret", "secret-file")
	return cmd
}

// check refuses flags that would have no effect.
func (f auditFlags) check(cmd *cobra.Command, target string) error {
	if f.output != "text" && f.output != "yaml" {
		return fmt.Errorf("unknown output %q; use text or yaml", f.output)
	}
	if target != "" && cmd.Flags().Changed("cluster") {
		return errors.New("there are a target and --cluster: give one of them")
	}
	for _, name := range []string{"secret", "kubeconfig", "secret-file", "endpoint"} {
		if cmd.Flags().Changed(name) && !isS3(target) {
			return fmt.Errorf("--%s is for targets that begin with s3://: give one, such as s3://backupbucket@us-east-1/", name)
		}
	}
	if f.kubeconfig != "" && f.secret == "" {
		return errors.New("--kubeconfig says where the secret is: name that with --secret namespace/name")
	}
	return nil
}

// runAudit prints what the audit of the target says.
func runAudit(ctx context.Context, target string, flags auditFlags, out io.Writer) error {
	opened, err := openTarget(ctx, target, flags)
	if err != nil {
		return err
	}
	defer opened.close()
	result, err := audit.Run(ctx, opened.store, flags.opts)
	if err != nil {
		return fmt.Errorf("the audit of %s was not finished: %w", opened.name, err)
	}
	show := printAudit
	if flags.output == "yaml" {
		show = printAuditYAML
	}
	if err := show(out, opened.name, result); err != nil {
		return err
	}
	if len(result.Violations) > 0 {
		return errNotPassed
	}
	return nil
}
