package shards

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/muster-csi/muster/framework/contract"
)

// specs are so many that may run beside others, and between them so many that may not.
func specs(beside, alone int) []contract.Spec {
	var all []contract.Spec
	for i := range max(beside, alone) {
		if i < beside {
			all = append(all, contract.Spec{Name: fmt.Sprintf("spec %03d (of many)", i)})
		}
		if i < alone {
			all = append(all, contract.Spec{Name: fmt.Sprintf("spec %03d (alone)", i), Serial: true})
		}
	}
	return all
}

func TestSplitRunsEverySpecOnce(t *testing.T) {
	for _, c := range []struct{ beside, alone, n int }{{20, 5, 2}, {219, 30, 7}, {3, 1, 8}, {0, 4, 3}, {5, 0, 1}} {
		all := specs(c.beside, c.alone)
		shards := Split(all, c.n)
		seen := map[string]int{}
		smallest, largest := len(all), 0
		for i, shard := range shards {
			for _, spec := range shard.Specs {
				seen[spec.Name]++
				if spec.Serial != (shard.Name == Alone) {
					t.Errorf("%+v: %q (Serial %t) is in shard %s", c, spec.Name, spec.Serial, shard.Name)
				}
			}
			if len(shard.Specs) == 0 {
				t.Errorf("%+v: shard %s is empty", c, shard.Name)
			}
			if shard.Name == Alone {
				if i != len(shards)-1 {
					t.Errorf("%+v: shard %s is the %d. of %d, want the last", c, shard.Name, i+1, len(shards))
				}
				continue
			}
			smallest, largest = min(smallest, len(shard.Specs)), max(largest, len(shard.Specs))
		}
		for _, spec := range all {
			if seen[spec.Name] != 1 {
				t.Errorf("%+v: %q is in %d shards", c, spec.Name, seen[spec.Name])
			}
		}
		if largest-smallest > 1 && c.beside > 0 {
			t.Errorf("%+v: the largest shard has %d specs and the smallest %d", c, largest, smallest)
		}
	}
}

func TestSplitDependsOnTheSpecsAlone(t *testing.T) {
	all := specs(20, 5)
	want := Split(all, 3)
	shuffled := slices.Clone(all)
	rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if got := Split(shuffled, 3); !reflect.DeepEqual(got, want) {
		t.Errorf("another order of the specs gives other shards:\n%v\n%v", got, want)
	}
}

func TestAnotherSuiteIsFoundOut(t *testing.T) {
	all := specs(4, 1)
	config := Config{Digest: Digest(Split(all, 2))}
	if err := config.Check(Split(all, 2)); err != nil {
		t.Errorf("the same specs: %v", err)
	}
	fewer, serial := slices.Clone(all)[1:], slices.Clone(all)
	serial[0].Serial = true
	for what, other := range map[string][]Shard{"a spec is missing": Split(fewer, 2), "a spec has become Serial": Split(serial, 2), "other shards": Split(all, 3)} {
		if config.Check(other) == nil {
			t.Errorf("%s, and nobody says so", what)
		}
	}
}

func TestFocusSelectsTheShardAlone(t *testing.T) {
	shard := Shard{Specs: []contract.Spec{{Name: "a (b)?"}, {Name: "c.d"}}}
	focus := regexp.MustCompile(shard.Focus())
	for text, want := range map[string]bool{"a (b)?": true, "c.d": true, "cxd": false, "a (b)? e": false, "ab": false, "an a (b)?": false} {
		if focus.MatchString(text) != want {
			t.Errorf("%q is selected: %t, want %t", text, !want, want)
		}
	}
}
