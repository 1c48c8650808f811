// Package contract reads the clauses of the conformance contract, which are
// data in fixtures/contract, and compares them with the specs that check them.
// It knows no driver and no cluster.
package contract

import "strings"

// Class says what a deviation from a clause means.
type Class string

// The classes of the contract.
const (
	// Must holds on every supported version; a deviation is a failure.
	Must Class = "M"
	// Versioned holds from or until a version; see Clause.Since and Until.
	Versioned Class = "V"
	// Quirk is what Longhorn does against the CSI specification or common
	// sense. It is observed and reported, and is never a failure.
	Quirk Class = "Q"
)

// Checked says where a clause is checked.
type Checked string

// The places where a clause can be checked.
const (
	// BySuite clauses have at least one spec with the label of the clause.
	BySuite Checked = "suite"
	// ByDriverTests clauses are checked below the Kubernetes API by the
	// component tests of the reference driver.
	ByDriverTests Checked = "driver"
	// Open clauses are not checked; Clause.Reason says why.
	Open Checked = "open"
)

// Clause is one statement of the contract.
type Clause struct {
	// ID names the clause for ever, for example H-01.
	ID string `json:"id"`
	// Class is M, V or Q.
	Class Class `json:"class"`
	// Since is the first Longhorn version for which a V clause holds, ""
	// when it held from the start.
	Since string `json:"since,omitempty"`
	// Until is the last minor version for which a V clause holds, "" when it
	// still does.
	Until string `json:"until,omitempty"`
	// Capability is what a driver must be able to do for the clause to matter.
	Capability Capability `json:"capability,omitempty"`
	// Sentence states the clause for a reader who does not know the source.
	Sentence string `json:"sentence"`
	// Before states what versions older than Since do instead.
	Before string `json:"before,omitempty"`
	// Means says in one sentence what a violation does to a user.
	Means string `json:"means,omitempty"`
	// Source is where the claim comes from: project, version, file, line.
	Source string `json:"source"`
	// Checked says where the clause is checked.
	Checked Checked `json:"checked"`
	// Reason says why an open clause is open.
	Reason string `json:"reason,omitempty"`
	// Section is the title of the file that the clause was read from.
	Section string `json:"-"`
}

// Label returns the Ginkgo label of a spec that checks the clause with this
// id.
func Label(id string) string { return checksLabel + id }

// IDs returns the ids of the clauses that a spec with these labels checks, on
// whatever side, in their order, and nil when there are none.
func IDs(labels []string) []string {
	var ids []string
	for _, label := range labels {
		if prefix, id, ok := named(label); ok && prefix != needsLabel {
			ids = append(ids, id)
		}
	}
	return ids
}

// Capabilities returns the labels of a spec besides those of the clauses that it
// checks as they stand: its capability and its other marks.
func Capabilities(labels []string) []string {
	var rest []string
	for _, label := range labels {
		if !strings.HasPrefix(label, checksLabel) {
			rest = append(rest, label)
		}
	}
	return rest
}
