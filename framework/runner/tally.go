package runner

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/framework/contract"
)

// tally counts which specs caught which planted defects.
type tally struct {
	specs   []contract.Spec
	defects []defect
	// ofCluster is the number of specs that are left out because no bug of a driver can fail them.
	ofCluster int
	// skipped are specs that cannot run here, by name.
	skipped map[string]bool
	// caughtBy are the names of the specs that caught a defect.
	caughtBy map[deviation.Name][]string
	// catches counts the defects that a spec caught, by its name.
	catches map[string]int
}

func newTally(specs []contract.Spec, defects []defect) *tally {
	return &tally{specs: specs, defects: defects, skipped: map[string]bool{},
		caughtBy: map[deviation.Name][]string{}, catches: map[string]int{}}
}

// of returns the specs of a defect's capability.
func (t *tally) of(defect defect) []contract.Spec {
	var specs []contract.Spec
	for _, spec := range t.specs {
		if slices.Contains(spec.Labels, defect.Capability) {
			specs = append(specs, spec)
		}
	}
	return specs
}

// add notes the specs that caught a defect.
func (t *tally) add(defect defect, caught []string) {
	t.caughtBy[defect.Name] = caught
	for _, name := range caught {
		t.catches[name]++
	}
}

// survivors returns the defects that no spec caught.
func (t *tally) survivors() []defect {
	return slices.DeleteFunc(slices.Clone(t.defects), func(d defect) bool {
		return len(t.caughtBy[d.Name]) > 0
	})
}

// blind returns the specs that ran and caught no defect.
func (t *tally) blind() []string {
	var names []string
	for _, spec := range t.specs {
		if t.catches[spec.Name] == 0 && !t.skipped[spec.Name] {
			names = append(names, spec.Name)
		}
	}
	return names
}

// good reports whether every defect was caught and, when all were planted,
// every spec caught one.
func (t *tally) good(all bool) bool {
	return len(t.survivors()) == 0 && (!all || len(t.blind()) == 0)
}

// print writes who caught what, then what is wrong, then the totals alone on a line.
// Specs that caught nothing are wrong only when all defects were planted.
func (t *tally) print(out io.Writer, all bool, took time.Duration) {
	for _, defect := range t.defects {
		caught := t.caughtBy[defect.Name]
		fmt.Fprintf(out, "\n%s (%s): caught by %d of %d\n", defect.Name, defect.Clause, len(caught), len(t.of(defect)))
		for _, name := range caught {
			fmt.Fprintf(out, "  %s\n", name)
		}
	}
	survivors, blind := t.survivors(), t.blind()
	for _, defect := range survivors {
		fmt.Fprintf(out, "\n✗ %s survives: %s No spec with the label %s fails.\n", defect.Name, defect.Summary, defect.Capability)
	}
	if all {
		for _, name := range blind {
			fmt.Fprintf(out, "\n✗ this spec catches no planted defect: %s\n", name)
		}
		fmt.Fprintf(out, "\n%d specs, %d of them catch nothing, %d cannot run here, %d more are about the cluster and not the driver; %.0f s in total\n",
			len(t.specs), len(blind), len(t.skipped), t.ofCluster, took.Seconds())
	} else {
		fmt.Fprintf(out, "\n%.0f s in total\n", took.Seconds())
	}
	fmt.Fprintf(out, "%d caught, %d survived\n", len(t.defects)-len(survivors), len(survivors))
}
