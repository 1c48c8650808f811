package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/contract"
)

// list runs muster contract list and returns the ids of its rows and its last
// line.
func list(t *testing.T, args ...string) (ids map[string]bool, last string) {
	t.Helper()
	out, err := muster(append([]string{"contract", "list"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
	ids = map[string]bool{}
	for _, line := range lines[1 : len(lines)-1] {
		ids[strings.Fields(line)[0]] = true
	}
	return ids, lines[len(lines)-1]
}

func TestContractListHasEveryClauseAndCountsThem(t *testing.T) {
	catalogue, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	ids, last := list(t)
	for _, clause := range catalogue.Clauses() {
		if !ids[clause.ID] {
			t.Errorf("the list lacks %s", clause.ID)
		}
	}
	if want := fmt.Sprintf("%d clauses: ", len(catalogue.Clauses())); !strings.HasPrefix(last, want) {
		t.Errorf("the last line is %q, want %q", last, want)
	}
}

func TestAnUnknownContractIsRefusedBeforeAnythingIsBegun(t *testing.T) {
	for _, command := range []string{"e2e", "up"} {
		_, err := muster(command, "--contract", "1.44")
		if err == nil || !strings.Contains(err.Error(), `unknown contract "1.44": did you mean 1.4? Known are 1.3 to 1.12`) {
			t.Errorf("muster %s: got %v", command, err)
		}
	}
}

func TestContractListChooses(t *testing.T) {
	cases := []struct {
		args          []string
		with, without string
	}{
		{[]string{"--class", "Q"}, "R-14", "R-10"},
		{[]string{"--class", "m,v"}, "R-13", "R-14"},
		{[]string{"--capability", "bi"}, "R-45", "R-10"},
		{[]string{"--uncovered"}, "D-23", "R-10"},
		{[]string{"--uncovered"}, "R-34", "R-12"},
		{[]string{"--contract", "1.9"}, "R-13", "R-16"},
		{[]string{"--contract", "1.10"}, "R-16", "D-23"},
		{[]string{"--contract", "1.4"}, "C-04", "R-45"}, // what was before backing images, and nothing about them
		{[]string{"--contract", "1.5"}, "R-51", "R-16"},
	}
	for _, c := range cases {
		if ids, _ := list(t, c.args...); !ids[c.with] || ids[c.without] {
			t.Errorf("muster contract list %v has %s: %v, %s: %v", c.args, c.with, ids[c.with], c.without, ids[c.without])
		}
	}
}

func TestContractListSpeaksForTheRelease(t *testing.T) {
	out, err := muster("contract", "list", "--contract", "1.4", "--capability", "limits")
	want := "before 1.5 limits specs CreateSnapshot of a detached volume fails with FailedPrecondition. [from 1.5: A snapshot of a detached volume is taken;"
	if err != nil || !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
		t.Errorf("muster contract list = %v, want %q in\n%s", err, want, out)
	}
	out, err = muster("contract", "list", "--uncovered")
	if want := "[not checked: linked clones exist only on the second data engine]"; err != nil || !strings.Contains(out, want) {
		t.Errorf("muster contract list = %v, want %q in\n%s", err, want, out)
	}
}

func TestContractRefusesWhatThereIsNot(t *testing.T) {
	for want, args := range map[string][]string{
		`unknown class "X"; there are M, V and Q`:    {"list", "--class", "X"},
		`unknown capability "bka"; did you mean bak`: {"list", "--capability", "bka"},
		`unknown contract "1.44"`:                    {"list", "--contract", "1.44"},
		"did you mean list?":                         {"lst"},
	} {
		if out, err := muster(append([]string{"contract"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("muster contract %v = %v, want an error with %q; printed %s", args, err, want, out)
		}
	}
}

// explained returns what muster explain says when the suite has these specs.
func explained(t *testing.T, id string, specs listSpecs) string {
	t.Helper()
	catalogue, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	clause, err := catalogue.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return explain(context.Background(), clause, specs)
}

func TestExplainSaysAllThereIs(t *testing.T) {
	specs := func(context.Context) ([]contract.Spec, error) {
		return []contract.Spec{{Name: "limits keep it Pending", Labels: []string{"limits", "clause:R-11"}},
			{Name: "another", Labels: []string{"clause:R-10"}}}, nil
	}
	out := explained(t, "r-11", specs)
	for _, want := range []string{
		"R-11, class M: holds on every version",
		"says         A claim whose size differs",
		"if violated  A smaller claim cuts off",
		"source       longhorn-manager v1.9.0 webhook/resources/volume/validator.go\n",
		"checked by   limits keep it Pending\n",
		"broken by    restore-accepts-larger: A restore into a larger volume than the\n             source is accepted.\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "another") || strings.Contains(out, "before ") {
		t.Errorf("output has what is of other clauses:\n%s", out)
	}
	for line := range strings.Lines(out) {
		if len(line) > columns+1 {
			t.Errorf("a line is too wide: %s", line)
		}
	}
}

func TestExplainWithoutSpecsSaysWhatElse(t *testing.T) {
	none := func(context.Context) ([]contract.Spec, error) { return nil, errors.New("no clone here") }
	wants := map[string]string{
		"R-11": "specs that cannot be listed here: no clone here",
		"R-13": "before 1.5   A restore from a snap",
		"C-20": "- creation-time-epoch: ",
	}
	catalogue, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, clause := range catalogue.Clauses() {
		switch clause.Checked {
		case contract.ByDriverTests:
			wants[clause.ID] = "the component tests of the reference driver"
		case contract.Open:
			wants[clause.ID] = "nothing: " + strings.Fields(clause.Reason)[0]
		}
	}
	for id, want := range wants {
		if out := explained(t, id, none); !strings.Contains(out, want) {
			t.Errorf("muster explain %s lacks %q:\n%s", id, want, out)
		}
	}
}

func TestExplainSuggestsTheNearestClause(t *testing.T) {
	if out, err := muster("explain", "R-19"); err == nil || !strings.Contains(err.Error(), "no clause R-19; did you mean R-10? See muster contract list") {
		t.Errorf("muster explain R-19 = %v, printed %s", err, out)
	}
}
