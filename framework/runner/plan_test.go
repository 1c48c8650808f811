package runner

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/contract"
)

// builtSuite builds the real suite of this repository. Its tree of specs is
// constructed without a cluster.
func builtSuite(t *testing.T) *Suite {
	t.Helper()
	if testing.Short() {
		t.Skip("building the suite takes some seconds")
	}
	root, err := components.FindRoot()
	if err != nil {
		t.Fatal(err)
	}
	suite, err := BuildSuite(t.Context(), root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

func TestSpecsAndContract(t *testing.T) {
	suite := builtSuite(t)
	all, err := suite.Plan(t.Context(), Selection{})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("agree", func(t *testing.T) {
		catalogue, err := contract.Load()
		if err != nil {
			t.Fatal(err)
		}
		if err := catalogue.Compare(all); err != nil {
			t.Error(err)
		}
	})
	t.Run("every release is covered", func(t *testing.T) {
		catalogue, err := contract.Load()
		if err != nil {
			t.Fatal(err)
		}
		for _, release := range config.Contracts() {
			for _, clause := range catalogue.Uncovered(all, release.String()) {
				t.Errorf("contract %s: no spec is about clause %s (%s)", release.String(), clause.ID, clause.Sentence)
			}
		}
	})
	t.Run("every spec has a name of its own", func(t *testing.T) {
		seen := map[string]bool{}
		for _, spec := range all {
			if seen[spec.Name] {
				t.Errorf("two specs are called %q", spec.Name)
			}
			seen[spec.Name] = true
		}
	})
	t.Run("a focus selects some", func(t *testing.T) {
		some, err := suite.Plan(t.Context(), Selection{Focus: "^restore "})
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 || len(some) >= len(all) {
			t.Errorf("%d of %d specs selected, want some", len(some), len(all))
		}
	})
	t.Run("a label selects some", func(t *testing.T) { selectsOnly(t, suite, "restore", len(all)) })
	t.Run("nothing selected names the nearest label", func(t *testing.T) {
		_, err := suite.Plan(t.Context(), Selection{Labels: "restor"})
		if !errors.Is(err, ErrNothingSelected) || !strings.Contains(err.Error(), `"restore"`) {
			t.Errorf("error is %v, want ErrNothingSelected that suggests restore", err)
		}
	})
}

func selectsOnly(t *testing.T, suite *Suite, label string, all int) {
	t.Helper()
	some, err := suite.Plan(t.Context(), Selection{Labels: label})
	if err != nil {
		t.Fatal(err)
	}
	if len(some) >= all {
		t.Errorf("all %d specs have the label %s", all, label)
	}
	for _, spec := range some {
		if !strings.Contains(" "+strings.Join(spec.Labels, " ")+" ", " "+label+" ") {
			t.Errorf("%q was selected and has only the labels %v", spec.Name, spec.Labels)
		}
	}
}

func TestPlanRefusesWrongSelectionsBeforeAnythingRuns(t *testing.T) {
	suite := &Suite{Binary: "/does/not/exist"}
	for want, selection := range map[string]Selection{
		"FOCUS":  {Focus: "re[store"},
		"LABELS": {Labels: "restore &&"},
	} {
		if _, err := suite.Plan(context.Background(), selection); err == nil || !strings.Contains(err.Error(), want+" ") {
			t.Errorf("error for %+v is %v, want one about %s", selection, err, want)
		}
	}
}
