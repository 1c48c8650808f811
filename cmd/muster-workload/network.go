package main

import (
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/internal/s3"
)

func newS3Command() *cobra.Command {
	cmd := &cobra.Command{Use: "s3", Short: "Check an S3 store", Args: cobra.NoArgs}
	cmd.AddCommand(newPutGetCommand())
	return cmd
}

func newPutGetCommand() *cobra.Command {
	var bucket, endpoint string
	var kib int64
	cmd := &cobra.Command{
		Use:   "put-get --bucket B [--endpoint URL]",
		Short: "Put one object, get it back, compare, remove it; print JSON",
		Long: "The connection is read from the environment, under the names of the keys of Longhorn's\n" +
			"credential secret: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINTS, AWS_CERT (PEM).",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			connection, err := s3.FromLookup(func(key string) (string, bool) {
				if key == s3.KeyEndpoints && endpoint != "" {
					return endpoint, true
				}
				return os.LookupEnv(key)
			})
			if err != nil {
				return err
			}
			client, err := connection.Client()
			if err != nil {
				return err
			}
			result, err := s3.PutGet(cmd.Context(), client, bucket, kib<<10)
			if err != nil {
				return err
			}
			return printJSON(cmd, result)
		},
	}
	cmd.Flags().StringVar(&bucket, "bucket", "", "bucket, which must exist")
	cmd.Flags().StringVar(&endpoint, "endpoint", "", "URL of the store (default $AWS_ENDPOINTS)")
	cmd.Flags().Int64Var(&kib, "kib", 256, "size of the object in KiB")
	must(cmd.MarkFlagRequired("bucket"))
	return cmd
}

func newResolveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resolve NAME",
		Short: "Print the addresses of a name, separated by blanks",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			addresses, err := net.DefaultResolver.LookupHost(cmd.Context(), args[0])
			if err != nil {
				return fmt.Errorf("cannot resolve %s: %w", args[0], err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), strings.Join(addresses, " "))
			return err
		},
	}
}
