package runner

import "fmt"

// maxProcesses bounds what PROCS may ask for: each process is a test binary
// of its own with a connection to the cluster.
const maxProcesses = 64

// check finds mistakes in the options before anything is begun.
func (o Options) check() error {
	if o.Processes < 1 || o.Processes > maxProcesses {
		return fmt.Errorf("PROCS must be between 1 and %d, not %d", maxProcesses, o.Processes)
	}
	return o.Selection.check()
}
