package runner

import (
	"fmt"

	"github.com/muster-csi/muster/framework/contract"
)

// inScope returns the selected specs that say something of the Longhorn release.
// When none does, the error says why, and is ErrNothingSelected.
func inScope(catalogue *contract.Catalogue, selected []contract.Spec, release string) ([]contract.Spec, error) {
	var some []contract.Spec
	var first string
	for _, spec := range selected {
		why := catalogue.OutOfScope(spec.Labels, release)
		if why == "" {
			some = append(some, spec)
		} else if first == "" {
			first = fmt.Sprintf("%q is not about it: %s", spec.Name, why)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("%w contract %s, of %d that were selected; %s", ErrNothingSelected, release, len(selected), first)
	}
	return some, nil
}
