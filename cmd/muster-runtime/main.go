// Command muster-runtime stands before runc on hosts where nobody may have
// CAP_SYS_RESOURCE, such as nested virtual machines and some CI sandboxes: there
// runc fails with "unable to apply caps: operation not permitted" whenever a
// container is to be privileged, as kind's nodes are. It takes out of what runc is
// told only what needs that capability, and then becomes runc. On other hosts it
// changes nothing. scripts/docker.sh registers it with the engine that it starts.
package main

import (
	"fmt"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
)

// runtime is the program that does the work.
const runtime = "runc"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "muster-runtime: "+err.Error())
		os.Exit(1)
	}
}

// run returns only when there is an error.
func run(args []string) error {
	path, err := exec.LookPath(runtime)
	if err != nil {
		return fmt.Errorf("%s is not in PATH: install the package runc: %w", runtime, err)
	}
	if file, isBundle := describedBy(args); file != "" && !mayHaveResource() {
		if err := rewrite(file, isBundle); err != nil {
			return err
		}
	}
	if err := unix.Exec(path, append([]string{runtime}, args...), os.Environ()); err != nil {
		return fmt.Errorf("become %s: %w", path, err)
	}
	return nil
}

// mayHaveResource reports whether a child of this process can have the
// capability.
func mayHaveResource() bool {
	has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, unix.CAP_SYS_RESOURCE, 0, 0, 0)
	return err == nil && has == 1
}
