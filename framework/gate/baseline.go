package gate

import (
	"maps"
	"slices"

	"github.com/muster-csi/muster/internal/nearest"
)

// againstBaseline holds the report against the earlier one.
func (j *judgement) againstBaseline() {
	asked := j.policy.Baseline
	switch {
	case asked == nil && j.baseline == nil:
		return
	case asked == nil:
		j.note("the baseline decided nothing: the policy does not ask for one")
		return
	case j.baseline == nil && asked.Required:
		j.miss("the policy asks for a baseline: give an earlier report with --baseline")
		return
	case j.baseline == nil:
		j.note("without a baseline, regressions and latencies were not judged")
		return
	}
	for _, difference := range differences(j.baseline, j.report) {
		j.note("the baseline is another kind of run: %s", difference)
	}
	j.limit(quoted(j.compared.Vanished), asked.Vanished, "spec of the baseline is missing", "specs of the baseline are missing")
	if asked.Latency != nil {
		j.latencies(asked)
	}
}

// latencies fails for each operation that is too slow.
func (j *judgement) latencies(asked *BaselinePolicy) {
	switch err := j.compared.Incomparable; {
	case err != nil && asked.Required:
		j.miss("latencies cannot be judged: %s", err)
	case err != nil:
		j.note("latencies were not judged: %s", err)
	}
	for _, unmeasured := range j.compared.Unmeasured {
		j.note("latencies %s", unmeasured)
	}
	for _, slowdown := range j.compared.Slower {
		j.fail("%s", slowdown)
	}
	j.misspelt(asked.Latency)
}

// misspelt notes budgets of operations that nobody measured.
func (j *judgement) misspelt(limits *Latency) {
	measured := map[string]bool{}
	var names []string
	for _, operation := range slices.Concat(j.report.Operations, j.baseline.Operations) {
		measured[operation.Name] = true
		names = append(names, operation.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(limits.Operations)) {
		if !measured[name] && len(names) > 0 {
			j.note("the policy has a budget for the operation %q, which no report has; did you mean %s?", name, nearest.Of(name, names))
		}
	}
}
