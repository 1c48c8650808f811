// Package report says how a run of the suite ended: as a file that a program
// reads (Report), and on the terminal for a person. It runs nothing.
package report

import "time"

// APIVersion and Kind mark a report file of this form. The form may still
// change while the version says alpha.
const (
	APIVersion = "muster-csi.github.io/v1alpha1"
	Kind       = "ConformanceReport"
)

// Report is a statement on one driver in one cluster: who was examined, by
// which specs, with which result. Its YAML is strict: reading back an unknown
// key is an error.
type Report struct {
	// APIVersion is the form of this file; see the constant.
	APIVersion string `json:"apiVersion"`
	// Kind is always ConformanceReport.
	Kind string `json:"kind"`
	// Date is when the first spec started, in UTC.
	Date time.Time `json:"date"`
	// Implementation is the driver under test.
	Implementation Implementation `json:"implementation"`
	// Verdict is the result as a whole.
	Verdict Verdict `json:"verdict"`
	// Totals counts the specs by result.
	Totals Totals `json:"totals"`
	// Versions are the versions of everything that took part: the driver,
	// Kubernetes, the CSI sidecars, muster itself. Key is the component.
	Versions map[string]string `json:"versions"`
	// Profiles say of each class of clauses that binds a driver whether it is
	// kept as a whole: core (class M), then extended (class V).
	Profiles []Profile `json:"profiles"`
	// Environment is where the driver was examined.
	Environment Environment `json:"environment"`
	// Run says how the suite was started.
	Run Run `json:"run"`
	// Trouble are reasons for the verdict that belong to no spec.
	Trouble []string `json:"trouble,omitempty"`
	// Restarts are containers of the driver and its sidecars that ended
	// while the specs ran and were started again.
	Restarts []Restart `json:"restarts,omitempty"`
	// Leaks are what specs left behind although they had ended; empty when
	// nothing was.
	Leaks []Leak `json:"leaks"`
	// Quirks are what specs observed and noted where the contract leaves it
	// open, in the order of the clauses.
	Quirks []Quirk `json:"quirks"`
	// Operations are how long things took, by name.
	Operations []Operation `json:"operations"`
	// Yardsticks are what test suites of others say, if they were asked for.
	Yardsticks []Yardstick `json:"yardsticks,omitempty"`
	// Clauses sorts the contract's clauses by what the specs showed.
	Clauses Clauses `json:"clauses"`
	// Specs are the selected specs in the order of their names.
	Specs []Spec `json:"specs"`
}

// Implementation names the driver under test.
type Implementation struct {
	// Name is the target's name: reference or longhorn.
	Name string `json:"name"`
	// Version is the driver's own version.
	Version string `json:"version"`
	// Contract is the Longhorn version whose clauses were expected, for
	// example 1.12.
	Contract string `json:"contract"`
}

// Run says how the suite was started.
type Run struct {
	// ID marks everything that the run has made in the cluster, as the label
	// muster.dev/run.
	ID string `json:"id,omitempty"`
	// Focus is the regular expression that selected specs, "" for all.
	Focus string `json:"focus,omitempty"`
	// Labels is the label filter that selected specs, "" for all.
	Labels string `json:"labels,omitempty"`
	// Processes is how many specs could run at the same time.
	Processes int `json:"processes"`
	// Retries is how often a spec that failed could be tried again.
	Retries int `json:"retries"`
	// Shards are the parts into which the run was split among pods of the cluster.
	Shards []Shard `json:"shards,omitempty"`
	// Seconds is the duration of the specs, without cluster up and down.
	Seconds float64 `json:"seconds"`
}

// Shard is a part of a run, which one pod ran.
type Shard struct {
	// Name is a number from 1, or serial for the specs that ran beside no others.
	Name string `json:"name"`
	// Specs is how many specs belong to it.
	Specs int `json:"specs"`
	// Pod ran it, "" when there was none.
	Pod string `json:"pod,omitempty"`
	// Node is where that pod was.
	Node string `json:"node,omitempty"`
	// Lost says why it has no result and what to do about it, "" when it has one.
	Lost string `json:"lost,omitempty"`
}

// Verdict is the result of a run.
type Verdict string

// The verdicts.
const (
	// Passed means that every selected spec ran and passed, at once or when it
	// was tried again, or was skipped.
	Passed Verdict = "passed"
	// Failed means that a spec failed or the suite ended before all ran.
	Failed Verdict = "failed"
	// Interrupted means that somebody stopped the run, or that a shard of it was
	// lost and no spec failed; nothing follows from the specs that are missing.
	Interrupted Verdict = "interrupted"
)

// Totals counts specs by result.
type Totals struct {
	// Passed specs ran and found what the contract says, at once.
	Passed int `json:"passed"`
	// Flaky specs did so only when they were tried again.
	Flaky int `json:"flaky"`
	// Failed specs did not, or were interrupted.
	Failed int `json:"failed"`
	// Skipped specs said that they cannot run here. Those about other releases
	// are not counted.
	Skipped int `json:"skipped"`
}

// Restart is a container that ended by itself while the specs ran.
type Restart struct {
	// Pod is the name of its pod.
	Pod string `json:"pod"`
	// Container is its name within the pod.
	Container string `json:"container"`
	// Count is how often it ended.
	Count int32 `json:"count"`
	// Reason is what the kubelet says of the last end, for example
	// "OOMKilled" or "Error".
	Reason string `json:"reason,omitempty"`
	// ExitCode is the exit code of the last end.
	ExitCode int32 `json:"exitCode"`
}
