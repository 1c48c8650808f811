package main

import (
	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/internal/sequence"
)

func newSequenceCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "sequence --path P",
		Short: "Write numbered records for ever, each durable before its \"ack\" line",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return sequence.Write(cmd.Context(), path, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&path, "path", "", "file or block device")
	must(cmd.MarkFlagRequired("path"))
	return cmd
}

func newSequenceReadCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "sequence-read --path P",
		Short: "Print as JSON which records are there",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := sequence.Read(path)
			if err != nil {
				return err
			}
			return printJSON(cmd, found)
		},
	}
	cmd.Flags().StringVar(&path, "path", "", "file or block device")
	must(cmd.MarkFlagRequired("path"))
	return cmd
}
