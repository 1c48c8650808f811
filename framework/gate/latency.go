package gate

// Latency says from when on an operation is slower than before, and not only
// measured again.
type Latency struct {
	// P50 and P95 are the budgets of the median and the 95th percentile. A
	// missing one is not looked at.
	P50 *Budget `json:"p50,omitempty"`
	P95 *Budget `json:"p95,omitempty"`
	// Count is how often an operation must have been measured in both reports
	// to be looked at.
	Count int `json:"count,omitempty"`
	// Operations are budgets of single operations, by name.
	Operations map[string]Budgets `json:"operations,omitempty"`
}

// Budgets are the budgets of one operation; a missing one is the general one.
type Budgets struct {
	P50 *Budget `json:"p50,omitempty"`
	P95 *Budget `json:"p95,omitempty"`
}

// Budget is exceeded by what takes both more than Times as long as before and
// more than Seconds longer.
type Budget struct {
	// Times is a factor above 1, such as 1.5.
	Times float64 `json:"times"`
	// Seconds is the difference below which everything is noise.
	Seconds float64 `json:"seconds"`
}

// Noise is what Compare takes for noise when nobody says otherwise. Between
// runs of the same specs on two cores, medians of CSI calls differed by less
// than 0.1 s and 95th percentiles by less than 0.5 s, by any factor.
func Noise() Latency {
	return Latency{P50: &Budget{Times: 1.5, Seconds: 0.1}, P95: &Budget{Times: 1.8, Seconds: 0.5}, Count: 5}
}

// exceeded reports whether after is too much.
func (b *Budget) exceeded(before, after float64) bool {
	return b != nil && after > b.Times*before && after-before > b.Seconds
}

// of returns the budgets of one operation.
func (l Latency) of(operation string) Budgets {
	budgets := l.Operations[operation]
	if budgets.P50 == nil {
		budgets.P50 = l.P50
	}
	if budgets.P95 == nil {
		budgets.P95 = l.P95
	}
	return budgets
}
