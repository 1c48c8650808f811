package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/internal/iscsi/daemon"
)

// initiatorFile is where open-iscsi keeps the name of the node.
const initiatorFile = "/etc/iscsi/initiatorname.iscsi"

func newDaemonCommand(name string) *cobra.Command {
	var options daemon.Options
	command := &cobra.Command{
		Use:           name,
		Short:         "Hold the sessions of this node until it is told to stop",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
			absolute, err := filepath.Abs(options.Directory)
			if err != nil {
				return fmt.Errorf("find the state directory: %w", err)
			}
			options.Directory = absolute
			return daemon.Run(cmd.Context(), options)
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.Directory, "state-dir", stateDirectory(), "directory of records, socket and sessions (or $"+directoryVariable+")")
	flags.StringVar(&options.Initiator, "initiator-name", initiatorName(), "iSCSI name that targets see")
	flags.BoolVar(&options.SysBlock, "sys-block", false, "give devices a writable /sys/block/NAME/device/timeout in this mount namespace, which Longhorn needs")
	return command
}

// initiatorName returns the name that the node has for open-iscsi, or one that
// is made from the host's name the way qemu does it.
func initiatorName() string {
	content, _ := os.ReadFile(initiatorFile) // it need not exist
	for line := range strings.Lines(string(content)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "InitiatorName="); ok && name != "" {
			return name
		}
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost"
	}
	return "iqn.2008-11.org.linux-kvm:" + strings.ToLower(host)
}
