package report

// Yardstick is what a test suite of others, run against the same driver in the same
// cluster, says of it. It does not change the verdict, which is about the contract.
type Yardstick struct {
	// Name is the suite's name, such as csi-sanity.
	Name string `json:"name"`
	// Version is its version.
	Version string `json:"version"`
	// About says in one sentence what it tests.
	About string `json:"about"`
	// Result is passed only when every chosen case has a result, none failed and
	// nothing was left behind.
	Result YardstickResult `json:"result"`
	// Totals counts the chosen cases by result.
	Totals Totals `json:"totals"`
	// Excluded is how many cases were left out; Exclusions says which and why.
	Excluded int `json:"excluded"`
	// Seconds is how long it took, preparation and checks included.
	Seconds float64 `json:"seconds"`
	// Trouble are reasons for the result that belong to no case.
	Trouble []string `json:"trouble,omitempty"`
	// Failures are the cases that failed or were interrupted.
	Failures []YardstickFailure `json:"failures"`
	// Skipped says why cases that were chosen did not run, by what they said.
	Skipped []YardstickSkip `json:"skipped"`
	// Exclusions are the cases that were left out by decision.
	Exclusions []YardstickExclusion `json:"exclusions"`
	// Output is the folder with what the suite itself wrote, relative to the report.
	Output string `json:"output"`
}

// YardstickResult is the result of a yardstick as a whole.
type YardstickResult string

// The results of a yardstick.
const (
	YardstickPassed      YardstickResult = "passed"
	YardstickFailed      YardstickResult = "failed"
	YardstickInterrupted YardstickResult = "interrupted"
)

// YardstickFailure is one case that failed.
type YardstickFailure struct {
	// Name is the full name of the case.
	Name string `json:"name"`
	// Message is the beginning of what it said, on one line.
	Message string `json:"message"`
}

// YardstickSkip is one reason for which cases did not run.
type YardstickSkip struct {
	// Reason is what they said.
	Reason string `json:"reason"`
	// Count is how many said it.
	Count int `json:"count"`
}

// YardstickExclusion is a decision to leave cases out.
type YardstickExclusion struct {
	// Case is the part of their names by which they are known.
	Case string `json:"case"`
	// Count is how many cases have it.
	Count int `json:"count"`
	// Because is the kind of the reason.
	Because YardstickBecause `json:"because"`
	// Clauses are those of the contract that the case contradicts.
	Clauses []string `json:"clauses,omitempty"`
	// Reason says in words why.
	Reason string `json:"reason"`
}

// YardstickBecause is why cases of a yardstick are left out.
type YardstickBecause string

// The kinds of reasons.
const (
	// BecauseContract means that Longhorn's contract differs from what the case wants.
	BecauseContract YardstickBecause = "contract"
	// BecauseUnsupported means that the case is about something that Longhorn does not have.
	BecauseUnsupported YardstickBecause = "unsupported"
	// BecauseEnvironment means that the case cannot run in the clusters of this repository.
	BecauseEnvironment YardstickBecause = "environment"
)

// YardsticksPassed reports whether every yardstick passed that was asked for.
func (r *Report) YardsticksPassed() bool {
	for _, yardstick := range r.Yardsticks {
		if yardstick.Result != YardstickPassed {
			return false
		}
	}
	return true
}
