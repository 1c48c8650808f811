package shards

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-csi/muster/framework/contract"
)

// MaxShards bounds into how many parts a run can be split: each is a pod with several processes.
const MaxShards = 64

// Alone is the name of the shard with the specs that run beside no others.
const Alone = "serial"

// Shard is the part of the specs that one pod runs.
type Shard struct {
	// Name is a number from 1, or Alone.
	Name string
	// Specs are its specs in the order of their names.
	Specs []contract.Spec
}

// Split deals the specs: those that may run beside others to at most n shards whose
// numbers of specs differ by one at most, and all that are Serial to one more shard,
// which comes last and is named Alone. No shard is empty. The same specs give the same
// shards in whatever order they are.
func Split(specs []contract.Spec, n int) []Shard {
	sorted := slices.Clone(specs)
	slices.SortFunc(sorted, func(a, b contract.Spec) int { return cmp.Compare(a.Name, b.Name) })
	var beside, alone []contract.Spec
	for _, spec := range sorted {
		if spec.Serial {
			alone = append(alone, spec)
		} else {
			beside = append(beside, spec)
		}
	}
	shards := make([]Shard, min(n, len(beside)))
	for i := range shards {
		shards[i].Name = strconv.Itoa(i + 1)
	}
	// One by one: neighbours are about the same thing and take about as long.
	for i, spec := range beside {
		of := &shards[i%len(shards)]
		of.Specs = append(of.Specs, spec)
	}
	if len(alone) > 0 {
		shards = append(shards, Shard{Name: Alone, Specs: alone})
	}
	return shards
}

// Digest identifies what the shards consist of. A pod whose image has another suite
// than the one that made the plan finds another digest.
func Digest(shards []Shard) string {
	hash := sha256.New()
	for _, shard := range shards {
		for _, spec := range shard.Specs {
			fmt.Fprintf(hash, "%q %q\n", shard.Name, spec.Name)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Focus is the regular expression that selects exactly the shard's specs among all.
func (s Shard) Focus() string {
	names := make([]string, len(s.Specs))
	for i, spec := range s.Specs {
		names[i] = regexp.QuoteMeta(spec.Name)
	}
	return "^(" + strings.Join(names, "|") + ")$"
}

// Has reports whether the shard has the spec of that name.
func (s Shard) Has(name string) bool {
	return slices.ContainsFunc(s.Specs, func(spec contract.Spec) bool { return spec.Name == name })
}

// Named returns the shard of that name.
func Named(shards []Shard, name string) (Shard, error) {
	var names []string
	for _, shard := range shards {
		if shard.Name == name {
			return shard, nil
		}
		names = append(names, shard.Name)
	}
	return Shard{}, fmt.Errorf("there is no shard %q; there are: %s", name, strings.Join(names, ", "))
}
