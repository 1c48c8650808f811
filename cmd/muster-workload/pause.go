package main

import (
	"os"
	"os/signal"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func newPauseCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "pause",
		Aliases: []string{"serve"},
		Short:   "Idle until SIGTERM, collecting orphans as a container's first process must",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			children := make(chan os.Signal, 1)
			signal.Notify(children, unix.SIGCHLD)
			defer signal.Stop(children)
			for {
				select {
				case <-cmd.Context().Done():
					return nil
				case <-children:
					reap()
				}
			}
		},
	}
}

// reap collects every child that has ended. One SIGCHLD may stand for several.
func reap() {
	for {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
	}
}
