// Package api holds the specs about the Kubernetes side of snapshots: what the
// API server accepts as a snapshot object, and what the snapshot-controller
// makes of it before any driver is asked.
package api

import (
	_ "embed"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"
)

// clusterLabel marks specs that check the cluster that a driver is installed
// in: its CRDs and its snapshot-controller. No defect of a driver can fail them.
const clusterLabel = "cluster"

//go:embed rules.yaml
var rulesText []byte

// rules is what rules.yaml says.
type rules struct {
	// Objects are valid objects by name, without apiVersion and metadata.
	Objects map[string]map[string]any `json:"objects"`
	Rules   []rule                    `json:"rules"`
}

// rule is a clause and the requests that show whether it is kept.
type rule struct {
	Clause   string    `json:"clause"`
	Name     string    `json:"name"`
	Attempts []attempt `json:"attempts"`
}

// attempt is one request to the API server.
type attempt struct {
	Case    string         `json:"case"`
	Object  string         `json:"object"`
	Request string         `json:"request,omitempty"`
	Change  map[string]any `json:"change,omitempty"`
	Refused string         `json:"refused,omitempty"`
	Rule    string         `json:"rule,omitempty"`
}

// The kinds of requests; a creation when nothing is said.
const (
	update       = "update"
	updateStatus = "status"
)

// loadRules reads rules.yaml strictly. It is part of the program, so that a mistake in it ends the program.
func loadRules() rules {
	var all rules
	if err := yaml.UnmarshalStrict(rulesText, &all); err != nil {
		panic(fmt.Sprintf("suites/api/rules.yaml: %v", err))
	}
	for _, rule := range all.Rules {
		for _, attempt := range rule.Attempts {
			if all.Objects[attempt.Object] == nil || !slices.Contains([]string{"", update, updateStatus}, attempt.Request) {
				panic(fmt.Sprintf("suites/api/rules.yaml: %s, %s: unknown object %q or request %q", rule.Clause, attempt.Case, attempt.Object, attempt.Request))
			}
		}
	}
	return all
}
