package harness

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/onsi/ginkgo/v2/types"
)

// Finished is the JSON line that tells the runner about one finished spec.
type Finished struct {
	// Name is the full text of the spec.
	Name string `json:"name"`
	// Labels are all its labels, clauses included.
	Labels []string `json:"labels"`
	// State is Ginkgo's: passed, failed, skipped, pending, panicked, interrupted, timedout or aborted.
	State string `json:"state"`
	// Attempts is how often it was run until that state stood.
	Attempts int `json:"attempts"`
	// Seconds is how long the spec ran, cleanup included.
	Seconds float64 `json:"seconds"`
	// Process is the number of the parallel process that ran it.
	Process int `json:"process"`
	// Message says why the spec failed or was skipped.
	Message string `json:"message,omitempty"`
	// Evidence is the folder with a failed spec's evidence.
	Evidence string `json:"evidence,omitempty"`
}

// AppendFinished appends the spec's line to the file or FIFO path in one write, so that
// lines of parallel processes never mix; an empty path means nobody listens.
func AppendFinished(path string, report types.SpecReport) error {
	if path == "" {
		return nil
	}
	line, err := json.Marshal(finished(report))
	if err != nil {
		return fmt.Errorf("encode the result of a spec: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("open the events file %s: %w", path, err)
	}
	defer file.Close()
	if _, err := file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("report a spec to %s: %w", path, err)
	}
	return nil
}

func finished(report types.SpecReport) Finished {
	line := Finished{
		Name: report.FullText(), Labels: report.Labels(), State: report.State.String(), Attempts: report.NumAttempts,
		Seconds: report.RunTime.Seconds(), Process: report.ParallelProcess, Message: report.FailureMessage(),
	}
	for _, entry := range report.ReportEntries {
		if entry.Name == evidenceEntry {
			line.Evidence = entry.StringRepresentation()
		}
	}
	return line
}
