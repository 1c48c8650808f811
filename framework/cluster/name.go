package cluster

import (
	"fmt"
	"regexp"
)

// MaxName bounds the name of a cluster, in characters: host names of nodes are made of
// it ("muster-" before it, or "-control-plane" behind), and Kubernetes appends to them.
const MaxName = 40

var validName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// CheckName returns an error that says what a cluster name may look like when
// name does not.
func CheckName(name string) error {
	if len(name) > MaxName || !validName.MatchString(name) {
		return fmt.Errorf("%q cannot be a cluster name: use up to %d lower-case letters, digits and dashes, beginning and ending with a letter or digit",
			name, MaxName)
	}
	return nil
}
