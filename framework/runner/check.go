package runner

import "fmt"

// maxProcesses bounds what PROCS may ask for: each process is a test binary
// of its own with a connection to the cluster.
const maxProcesses = 64

// maxRetries bounds how often a spec may be tried again: what passes one time in
// ten works by chance.
const maxRetries = 5

// check finds mistakes in the options before anything is begun.
func (o Options) check() error {
	if o.Processes < 1 || o.Processes > maxProcesses {
		return fmt.Errorf("PROCS must be between 1 and %d, not %d", maxProcesses, o.Processes)
	}
	if o.Retries < 0 || o.Retries > maxRetries {
		return fmt.Errorf("RETRIES must be between 0 and %d, not %d", maxRetries, o.Retries)
	}
	if err := o.Inside.check(o); err != nil {
		return err
	}
	if err := o.Existing.check(o.Cluster.Kind); err != nil {
		return err
	}
	if err := o.Driver.check(o.Cluster.Kind, o.Existing); err != nil {
		return err
	}
	if o.Cluster.Kind == Existing && len(o.Yardsticks) > 0 {
		return fmt.Errorf("YARDSTICKS are measured in clusters that muster brings up only: leave it out for CLUSTER=%s", Existing)
	}
	return o.Selection.check()
}
