package runner

import (
	"errors"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/contract"
)

func TestOnlySpecsAboutTheReleaseArePlanned(t *testing.T) {
	catalogue, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	before := contract.Spec{Name: "before", Labels: []string{"before:C-22"}}
	after := contract.Spec{Name: "after", Labels: []string{"clause:C-22"}}
	for release, want := range map[string]string{"1.4": "before", "1.5": "after"} {
		got, err := inScope(catalogue, []contract.Spec{before, after}, release)
		if err != nil || len(got) != 1 || got[0].Name != want {
			t.Errorf("%s: got %v, %v; want %s", release, got, err, want)
		}
	}
	_, err = inScope(catalogue, []contract.Spec{after}, "1.4")
	if !errors.Is(err, ErrNothingSelected) || !strings.Contains(err.Error(), `"after" is not about it: C-22 holds from 1.5`) {
		t.Errorf("got %v", err)
	}
}
