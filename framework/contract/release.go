package contract

import "fmt"

// In returns the clause as it stands for a Longhorn release such as 1.9, which
// means the last patch of that minor version. For releases older than Since
// the sentence is Before; it returns false when the contract says nothing
// about that release. Of a capability that the release does not have it says
// nothing but what the clause that came with it has to say of before.
func (c Clause) In(release string) (Clause, bool) {
	if c.Capability.missing(release) != "" && c.Since != arrivals[c.Capability].since {
		return c, false
	}
	if c.Since != "" && older(release, c.Since) {
		c.Sentence = c.Before
		return c, c.Before != ""
	}
	if c.Until != "" && older(c.Until, release) {
		return c, false
	}
	return c, true
}

// Versions writes from and to when the sentence holds: "from 1.5", "to 1.12",
// and "all" without a limit; "before 1.5" where In chose what older ones do.
func (c Clause) Versions() string {
	switch {
	case c.Before != "" && c.Sentence == c.Before:
		return "before " + c.Since
	case c.Since != "" && c.Until != "":
		return c.Since + " to " + c.Until
	case c.Since != "":
		return "from " + c.Since
	case c.Until != "":
		return "to " + c.Until
	}
	if came, ok := arrivals[c.Capability]; ok {
		return "from " + came.since
	}
	return "all"
}

// older compares minor versions; text that is no version is not older than
// anything, so that a clause about it is never passed over.
func older(a, b string) bool {
	majorA, minorA, okA := minor(a)
	majorB, minorB, okB := minor(b)
	return okA && okB && (majorA < majorB || majorA == majorB && minorA < minorB)
}

func minor(version string) (major, minor int, ok bool) {
	_, err := fmt.Sscanf(version, "%d.%d", &major, &minor)
	return major, minor, err == nil
}
