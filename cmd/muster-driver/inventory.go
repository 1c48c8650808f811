package main

import (
	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/inventory"
)

func newInventory() *cobra.Command {
	var settings config.Inventory
	command := &cobra.Command{
		Use:   "inventory",
		Short: "Print as JSON what the driver holds on this node",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return inventory.Write(command.OutOrStdout(), settings.DataDir)
		},
	}
	settings.Bind(command.Flags())
	return command
}
