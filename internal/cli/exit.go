package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// errNotJudged ends the command with exit code 2: there is no verdict. Alone it
// means that the command has said why.
var errNotJudged = errors.New("cannot judge")

// exitCode is what the program returns for the error of a command: 2 where
// something could not be judged, 1 for any other error.
func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errNotJudged):
		return 2
	}
	return 1
}

// said reports whether the command has printed what there is to know.
func said(err error) bool { return errors.Is(err, errNotPassed) || err == errNotJudged }

// notJudged gives an error exit code 2.
func notJudged(err error) error {
	return fmt.Errorf("%w: %w", errNotJudged, err)
}

// judging makes wrong flags and arguments of a command end with exit code 2: a
// pipeline must not take a typing error for a verdict.
func judging(cmd *cobra.Command) *cobra.Command {
	args := cmd.Args
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		if err := args(cmd, given); err != nil {
			return notJudged(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
		}
		return nil
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return notJudged(suggestFlag(cmd, err)) })
	return cmd
}
