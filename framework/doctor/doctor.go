// Package doctor looks at a cluster before the specs run in it and says what would
// make them fail for no fault of the driver, with a remedy for each finding. It only
// reads.
package doctor

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/muster-csi/muster/framework/existing"
	"github.com/muster-csi/muster/framework/kube"
)

// Level says what a finding means for a run.
type Level string

// The levels.
const (
	// Fine is as it should be.
	Fine Level = "fine"
	// Warning lets a run begin: some specs are skipped, or something is unusual.
	Warning Level = "warning"
	// Error is what no run should begin with.
	Error Level = "error"
)

// Finding is what one look at the cluster has shown.
type Finding struct {
	// Check names what was looked at.
	Check string
	// Level is what it means.
	Level Level
	// Seen says what was seen.
	Seen string
	// Remedy says what to do about it, "" for what is fine.
	Remedy string
}

// signs are what a person sees of a level.
var signs = map[Level]string{Fine: "✓", Warning: "!", Error: "✗"}

// String is the finding for a person, with the remedy on a line of its own.
func (f Finding) String() string {
	line := fmt.Sprintf("%s %-20s %s", signs[f.Level], f.Check, f.Seen)
	if f.Remedy != "" {
		line += fmt.Sprintf("\n%23s→ %s", "", f.Remedy)
	}
	return line
}

func fine(seen string, args ...any) Finding {
	return Finding{Level: Fine, Seen: fmt.Sprintf(seen, args...)}
}

func warning(remedy, seen string, args ...any) Finding {
	return Finding{Level: Warning, Remedy: remedy, Seen: fmt.Sprintf(seen, args...)}
}

func failure(remedy, seen string, args ...any) Finding {
	return Finding{Level: Error, Remedy: remedy, Seen: fmt.Sprintf(seen, args...)}
}

// Patient is what is looked at.
type Patient struct {
	// Client reaches the cluster.
	Client *kube.Client
	// Config is what its owner says of it.
	Config existing.Config
	// Longhorn says that the driver there is meant to be a Longhorn.
	Longhorn bool
	// Install says that the reference driver is to be installed: there must be none, and what comes
	// with it need not be there.
	Install bool
}

// check looks at one thing.
type check struct {
	name string
	look func(context.Context, Patient) ([]Finding, error)
}

// needed are the checks before a driver can be installed, installed those of one that is there.
var (
	needed = []check{
		{"Kubernetes", lookAtKubernetes}, {"rights", lookAtRights}, {"nodes", lookAtNodes},
		{"test pods", lookAtImages}, {"other runs", lookAtRuns},
	}
	installed = []check{
		{"snapshot kinds", lookAtKinds}, {"snapshot-controller", lookAtController}, {"driver", lookAtDriver},
		{"driver's pods", lookAtPods}, {"Longhorn's resources", lookAtResources},
		{"classes", lookAtClasses}, {"default StorageClass", lookAtDefaultClass}, {"backup target", lookAtTarget},
	}
	bare = []check{{"driver", lookForNoDriver}}
)

// Examine looks at everything and returns the findings in a fixed order, at least one
// for each check. An error means that the API server does not answer.
func Examine(ctx context.Context, patient Patient) ([]Finding, error) {
	checks := append(append([]check{}, needed...), installed...)
	if patient.Install {
		checks = append(append([]check{}, needed...), bare...)
	}
	if patient.Longhorn {
		checks = append(checks, longhornChecks...)
	}
	// First and alone: without it each of the others would fail in words of its own.
	if _, err := patient.Client.Core.Discovery().ServerVersion(); err != nil {
		return nil, fmt.Errorf("the API server at %s does not answer: %w; look at the kubeconfig's server and credentials, and whether this machine reaches it", patient.Client.REST.Host, err)
	}
	return examine(ctx, patient, checks), nil
}

// examine makes all checks at the same time.
func examine(ctx context.Context, patient Patient, checks []check) []Finding {
	found := make([][]Finding, len(checks))
	var group errgroup.Group
	for i, check := range checks {
		group.Go(func() error {
			findings, err := check.look(ctx, patient)
			if err != nil {
				findings = append(findings, failure("look at the rights of the kubeconfig (muster rbac prints what suffices) and at the API server", "it cannot be looked at: %v", err))
			}
			for _, finding := range findings {
				finding.Check = check.name
				found[i] = append(found[i], finding)
			}
			return nil
		})
	}
	_ = group.Wait() // each failure is a finding
	var all []Finding
	for _, findings := range found {
		all = append(all, findings...)
	}
	return all
}

// Worst is the highest level among findings.
func Worst(findings []Finding) Level {
	worst := Fine
	for _, finding := range findings {
		if finding.Level == Error || finding.Level == Warning && worst == Fine {
			worst = finding.Level
		}
	}
	return worst
}
