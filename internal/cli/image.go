package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/runner"
)

// newImageCommand returns "muster image", which writes an image to a file.
func newImageCommand() *cobra.Command {
	var output, tag string
	cmd := &cobra.Command{
		Use:   "image [component]",
		Short: "Write the image of the suite, or of another component, to a file",
		Long: `Write an image to a file that docker load, ctr images import and crane push read, so that
it can be brought to a registry or to the nodes of a cluster. Without a component it is
the suite's, muster-suite, which muster run --in-cluster needs; test pods need
muster-workload. What is not in the cache is built.`,
		Example: `  muster image --output suite.tar --tag registry.example.org/muster/muster-suite:1
  muster image muster-workload --output workload.tar`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output == "" {
				return errors.New("say with --output to which file the image goes")
			}
			name := runner.SuiteImage
			if len(args) > 0 {
				name = args[0]
			}
			set, err := components.Ensure(cmd.Context(), components.Options{Only: []string{name}, Progress: cmd.ErrOrStderr()})
			if err != nil {
				return err
			}
			ref, err := set.WriteImage(output, tag)
			if err != nil {
				return fmt.Errorf("component %s: %w", name, err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s has the image %s\n", output, ref)
			return nil
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "`file` to write")
	cmd.Flags().StringVar(&tag, "tag", "", "`reference` that the image gets in the file instead of its own")
	return cmd
}
