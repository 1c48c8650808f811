package main

import (
	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/driver/backup"
)

// newBackupWorker is what the node role starts for every operation in a
// backupstore; people have no use for it.
func newBackupWorker() *cobra.Command {
	return &cobra.Command{
		Use:    backup.WorkerCommand,
		Short:  "Carry out one operation in a backupstore: a request on standard input, events on standard output",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(command *cobra.Command, _ []string) error {
			return backup.Work(command.Context(), command.InOrStdin(), command.OutOrStdout(), command.ErrOrStderr())
		},
	}
}
