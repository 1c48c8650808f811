package report

import "time"

// Result is how one spec ended.
type Result string

// The results of a spec.
const (
	SpecPassed Result = "passed"
	// SpecFlaky means that it passed only when it was tried again: nobody may
	// take that for a pass.
	SpecFlaky   Result = "flaky"
	SpecFailed  Result = "failed"
	SpecSkipped Result = "skipped"
	// SpecInterrupted means that the run was stopped first; the spec says
	// nothing of the driver, and counts as failed.
	SpecInterrupted Result = "interrupted"
)

// Spec is one behaviour that was examined.
type Spec struct {
	// Name is the full text of the spec.
	Name string `json:"name"`
	// Labels are its labels without the clauses: capability and marks.
	Labels []string `json:"labels,omitempty"`
	// Clauses are the contract's clauses that it checks.
	Clauses []string `json:"clauses,omitempty"`
	// Result is how it ended.
	Result Result `json:"result"`
	// Started is when it began, in UTC and to the millisecond.
	Started time.Time `json:"started"`
	// Seconds is how long it ran, cleanup included.
	Seconds float64 `json:"seconds"`
	// Attempts is how often it was run until the result stood: more than one
	// for a flaky spec; 0 when it never ran.
	Attempts int `json:"attempts"`
	// Process is the number of the suite's process that ran it, from 1.
	Process int `json:"process"`
	// Shard is the name of the part of the run that it belongs to, "" when the run
	// was not split.
	Shard string `json:"shard,omitempty"`
	// Message is why it failed or was skipped; of a flaky spec why its first
	// attempt failed.
	Message string `json:"message,omitempty"`
	// OtherRelease is set for a spec that was skipped because it is about other
	// releases than the one whose contract was expected: nothing is missing.
	OtherRelease bool `json:"otherRelease,omitempty"`
	// Further are the messages of its other failures, such as those of the
	// cleanup and of earlier attempts.
	Further []string `json:"further,omitempty"`
	// FailedAfterSeconds is how long after its start a failed or flaky spec failed.
	FailedAfterSeconds float64 `json:"failedAfterSeconds,omitempty"`
	// Steps are what a failed spec did, in order.
	Steps []Step `json:"steps,omitempty"`
	// Location is the file and line of the failure.
	Location string `json:"location,omitempty"`
	// Evidence is the folder with its evidence, relative to the report.
	Evidence string `json:"evidence,omitempty"`
}
