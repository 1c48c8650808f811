package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/muster-csi/muster/framework/contract"
	"github.com/muster-csi/muster/internal/nearest"
)

// Selection says which specs to run; the zero value means all of them.
type Selection struct {
	// Focus is a regular expression on the full text of a spec.
	Focus string
	// Labels is a Ginkgo label filter such as "restore && !xfs".
	Labels string
}

// ErrNothingSelected is returned when no spec fits a selection.
var ErrNothingSelected = errors.New("no spec matches")

// Plan returns the specs that the selection means, without running any and
// without a cluster. No match is ErrNothingSelected.
func (s *Suite) Plan(ctx context.Context, selection Selection) ([]contract.Spec, error) {
	if err := selection.check(); err != nil {
		return nil, err
	}
	all, err := s.dryRun(ctx, selection)
	if err != nil {
		return nil, err
	}
	var selected []contract.Spec
	for _, spec := range all {
		if spec.State.Is(types.SpecStatePassed) {
			selected = append(selected, contract.Spec{Name: spec.FullText(), Labels: spec.Labels(), Serial: spec.IsSerial})
		}
	}
	if len(selected) == 0 {
		return nil, selection.nothing(all)
	}
	return selected, nil
}

// check finds mistakes that Ginkgo would report after minutes.
func (sel Selection) check() error {
	if _, err := regexp.Compile(sel.Focus); err != nil {
		return fmt.Errorf("FOCUS %q is not a regular expression: %w", sel.Focus, err)
	}
	if _, err := types.ParseLabelFilter(sel.Labels); err != nil {
		return fmt.Errorf("LABELS %q is not a label filter (such as 'restore && !xfs'): %w", sel.Labels, err)
	}
	return nil
}

// dryRun lets the suite construct its tree and say what it would run.
func (s *Suite) dryRun(ctx context.Context, selection Selection) (types.SpecReports, error) {
	dir, err := os.MkdirTemp("", "muster-plan-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the plan: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "plan.json")
	args := append([]string{"--test.timeout=0", "--ginkgo.dry-run", "--ginkgo.succinct", "--ginkgo.json-report=" + path},
		selection.arguments("--ginkgo.")...)
	output, err := exec.CommandContext(ctx, s.Binary, args...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("list the specs: %w\n%s", err, strings.TrimSpace(string(output)))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("list the specs: %w", err)
	}
	var reports []types.Report
	if err := json.Unmarshal(data, &reports); err != nil {
		return nil, fmt.Errorf("list the specs: %w", err)
	}
	var specs types.SpecReports
	for _, r := range reports {
		specs = append(specs, r.SpecReports.WithLeafNodeType(types.NodeTypeIt)...)
	}
	return specs, nil
}

// arguments are the selection as Ginkgo's flags.
func (sel Selection) arguments(prefix string) []string {
	var args []string
	if sel.Focus != "" {
		args = append(args, prefix+"focus="+ginkgoFocus(sel.Focus))
	}
	if sel.Labels != "" {
		args = append(args, prefix+"label-filter="+sel.Labels)
	}
	return args
}

// nothing says why no spec was selected, with the nearest label where the
// filter is a single word.
func (sel Selection) nothing(all types.SpecReports) error {
	var asked []string
	if sel.Focus != "" {
		asked = append(asked, fmt.Sprintf("FOCUS=%q", sel.Focus))
	}
	if sel.Labels != "" {
		asked = append(asked, fmt.Sprintf("LABELS=%q", sel.Labels))
	}
	labels := allLabels(all)
	hint := "labels are: " + strings.Join(contract.Capabilities(labels), ", ")
	if sel.Labels != "" && !slices.Contains(labels, sel.Labels) && !strings.ContainsAny(sel.Labels, "&|!,/()") {
		hint = fmt.Sprintf("did you mean LABELS=%q?", nearest.Of(sel.Labels, labels))
	}
	return fmt.Errorf("%w %s (the suite has %d specs); %s", ErrNothingSelected, strings.Join(asked, " "), len(all), hint)
}

// allLabels returns the labels of all specs, sorted.
func allLabels(all types.SpecReports) []string {
	seen := map[string]bool{}
	var labels []string
	for _, spec := range all {
		for _, label := range spec.Labels() {
			if !seen[label] {
				seen[label] = true
				labels = append(labels, label)
			}
		}
	}
	slices.Sort(labels)
	return labels
}
