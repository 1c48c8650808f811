package runner

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/framework/contract"
)

func exampleTally() (*tally, []defect) {
	defects := []defect{
		{Deviation: deviation.Deviation{Name: "first", Capability: "snap", Clause: "C-20", Summary: "It errs."}},
		{Deviation: deviation.Deviation{Name: "second", Capability: "restore", Clause: "R-10", Summary: "It errs too."}},
	}
	specs := []contract.Spec{
		{Name: "takes", Labels: []string{"snap"}}, {Name: "repeats", Labels: []string{"snap"}},
		{Name: "restores", Labels: []string{"restore"}},
	}
	return newTally(specs, defects), defects
}

func TestTallyNamesSurvivorsAndBlindSpecs(t *testing.T) {
	tally, defects := exampleTally()
	tally.ofCluster = 5
	tally.add(defects[0], []string{"takes"})
	tally.add(defects[1], nil)
	if got := tally.survivors(); len(got) != 1 || got[0].Name != "second" {
		t.Errorf("survivors are %v, want second", got)
	}
	if got := tally.blind(); !slices.Equal(got, []string{"repeats", "restores"}) {
		t.Errorf("specs that catch nothing are %v", got)
	}
	var out bytes.Buffer
	tally.print(&out, true, time.Minute)
	for _, want := range []string{"first (C-20): caught by 1 of 2\n  takes\n", "second (R-10): caught by 0 of 1", "second survives: It errs too.", "no planted defect: repeats", "3 specs, 2 of them catch nothing, 0 cannot run here, 5 more are about the cluster", "\n1 caught, 1 survived\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}

func TestTallyIsGoodOnlyWhenNothingSurvivesAndNoSpecIsBlind(t *testing.T) {
	cases := []struct {
		name      string
		caught    [2][]string
		skipped   string
		all, want bool
	}{
		{"every spec catches", [2][]string{{"takes", "repeats"}, {"restores"}}, "", true, true},
		{"one is blind", [2][]string{{"takes"}, {"restores"}}, "", true, false},
		{"one is blind, of some defects", [2][]string{{"takes"}, {"restores"}}, "", false, true},
		{"the blind one cannot run here", [2][]string{{"takes"}, {"restores"}}, "repeats", true, true},
		{"one survives", [2][]string{{"takes", "repeats"}, nil}, "", false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tally, defects := exampleTally()
			tally.skipped[c.skipped] = true
			for i, defect := range defects {
				tally.add(defect, c.caught[i])
			}
			if got := tally.good(c.all); got != c.want {
				t.Errorf("good is %v, want %v", got, c.want)
			}
		})
	}
}

func TestChooseDefectsSuggestsTheNearestName(t *testing.T) {
	if _, err := chooseDefects([]string{"handle-swaped"}); err == nil || !strings.Contains(err.Error(), `"handle-swapped"`) {
		t.Errorf("error is %v, want one that suggests handle-swapped", err)
	}
	some, err := chooseDefects([]string{"handle-swapped"})
	if err != nil || len(some) != 1 {
		t.Errorf("chose %v, %v", some, err)
	}
	all, err := chooseDefects(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Kind != deviation.Defect {
			t.Errorf("%s is a %s and would be planted", d.Name, d.Kind)
		}
	}
}
