package yardstick

import (
	"fmt"
	"slices"

	"github.com/muster-csi/muster/framework/report"
)

// Exclusion leaves out every chosen case whose name contains Case.
type Exclusion struct {
	Case    string                  `json:"case"`
	Because report.YardstickBecause `json:"because"`
	// Clauses are given when, and only when, the contract is the reason.
	Clauses []string `json:"clauses"`
	// Without is a capability of Linux; the case is left out only where hosts withhold it.
	Without string `json:"without"`
	Reason  string `json:"reason"`
}

// SysResource is what an ext4 needs to grow while it is mounted.
const SysResource = "CAP_SYS_RESOURCE"

// check returns what is wrong with it.
func (e Exclusion) check() error {
	kinds := []report.YardstickBecause{report.BecauseContract, report.BecauseUnsupported, report.BecauseEnvironment}
	switch {
	case e.Case == "" || e.Reason == "":
		return fmt.Errorf("it needs case and reason")
	case !slices.Contains(kinds, e.Because):
		return fmt.Errorf("because is %q, want one of %q", e.Because, kinds)
	case e.Without != "" && (e.Without != SysResource || e.Because != report.BecauseEnvironment):
		return fmt.Errorf("without is %q, want %s for the reason environment, or nothing", e.Without, SysResource)
	case (e.Because == report.BecauseContract) != (len(e.Clauses) > 0):
		return fmt.Errorf("clauses belong to the reason contract, and to no other")
	}
	return nil
}

// here is the definition without the exclusions that do not apply where the capabilities are had.
func (d Definition) here(withheld func(capability string) bool) Definition {
	d.Excluded = slices.DeleteFunc(slices.Clone(d.Excluded), func(e Exclusion) bool { return e.Without != "" && !withheld(e.Without) })
	return d
}
