package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muster-csi/muster/internal/pattern"
)

// contentFlags are the flags that the commands on content share.
type contentFlags struct {
	path              string
	seed, mib, offset int64
}

// flags defines the flags on cmd; seed only where the command generates content.
func (c *contentFlags) flags(cmd *cobra.Command, seeded bool) {
	cmd.Flags().StringVar(&c.path, "path", "", "file or block device")
	cmd.Flags().Int64Var(&c.mib, "mib", 0, "length in MiB")
	cmd.Flags().Int64Var(&c.offset, "offset-mib", 0, "where to begin, in MiB from the start")
	must(cmd.MarkFlagRequired("path"))
	if seeded {
		cmd.Flags().Int64Var(&c.seed, "seed", 0, "seed of the pattern")
		must(cmd.MarkFlagRequired("seed"))
		must(cmd.MarkFlagRequired("mib"))
	}
}

func (c *contentFlags) reach() (pattern.Range, error) {
	if c.mib < 0 || c.offset < 0 {
		return pattern.Range{}, errors.New("--mib and --offset-mib must not be negative")
	}
	return pattern.Range{Offset: c.offset * pattern.MiB, Length: c.mib * pattern.MiB}, nil
}

func newWriteCommand() *cobra.Command {
	var c contentFlags
	cmd := &cobra.Command{
		Use:   "write --path P --seed N --mib M [--offset-mib O]",
		Short: "Write a seeded pattern, make it durable, print its SHA-256",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := c.reach()
			if err != nil {
				return err
			}
			sum, err := pattern.Write(cmd.Context(), c.path, c.seed, r)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), sum)
			return err
		},
	}
	c.flags(cmd, true)
	return cmd
}

func newZeroCommand() *cobra.Command {
	var c contentFlags
	cmd := &cobra.Command{
		Use:   "zero --path P --mib M [--offset-mib O]",
		Short: "Overwrite with zeros and make it durable",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := c.reach()
			if err != nil {
				return err
			}
			return pattern.Zero(cmd.Context(), c.path, r)
		},
	}
	c.flags(cmd, false)
	must(cmd.MarkFlagRequired("mib"))
	return cmd
}

func newSumCommand() *cobra.Command {
	var c contentFlags
	cmd := &cobra.Command{
		Use:   "sum --path P [--mib M] [--offset-mib O]",
		Short: "Print the SHA-256 of what is there, to the end when --mib is 0",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := c.reach()
			if err != nil {
				return err
			}
			sum, err := pattern.Sum(cmd.Context(), c.path, r)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), sum)
			return err
		},
	}
	c.flags(cmd, false)
	return cmd
}

func newVerifyCommand() *cobra.Command {
	var c contentFlags
	cmd := &cobra.Command{
		Use:   "verify --path P --seed N --mib M [--offset-mib O]",
		Short: "Compare content with a seeded pattern, name the first differing byte",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := c.reach()
			if err != nil {
				return err
			}
			return pattern.Verify(cmd.Context(), c.path, c.seed, r)
		},
	}
	c.flags(cmd, true)
	return cmd
}

// must stops the program on an error that only a mistake in this file can cause.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
