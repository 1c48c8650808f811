package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/muster-csi/muster/internal/nearest"
)

// suggestFlag adds the nearest flag of the command to the error about an
// unknown one.
func suggestFlag(cmd *cobra.Command, err error) error {
	word, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	}
	word, _, _ = strings.Cut(word, "=")
	var flags []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { flags = append(flags, flag.Name) })
	return fmt.Errorf("%w; did you mean --%s? See %s --help", err, nearest.Of(word, flags), cmd.CommandPath())
}
