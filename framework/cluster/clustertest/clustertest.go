// Package clustertest is what every way to a cluster must be able to do, as tests
// that each provider's package runs on itself.
package clustertest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"sigs.k8s.io/e2e-framework/support"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
)

// Allowed is the environment variable that allows tests to bring up clusters: they
// need root, the built components and minutes.
const Allowed = "MUSTER_CLUSTER_TESTS"

// Way is one way to a cluster.
type Way struct {
	// Clusters is what the commands use.
	Clusters cluster.Provider
	// New returns what programs written for the e2e-framework use, for the cluster
	// of that name.
	New func(name string) support.E2EClusterProviderWithImageLoader
	// Set has what such clusters need, and the image muster-workload.
	Set *components.Set
	// Crash ends a running cluster without a down, as a power failure or kill -9 does.
	Crash func(t *testing.T, name string)
	// Traces lists what there is of a cluster on this machine, its state aside.
	Traces func(t *testing.T, name string) []string
}

// Skip skips the test unless somebody has allowed clusters.
func Skip(t *testing.T) {
	t.Helper()
	if os.Getenv(Allowed) == "" {
		t.Skipf("brings up clusters; set %s=1 and run as root", Allowed)
	}
	if os.Geteuid() != 0 {
		t.Skip("clusters need root")
	}
}

// Run checks all behaviours. They build on each other: the first that fails ends
// the test.
func Run(t *testing.T, way Way) {
	name := fmt.Sprintf("t%d", os.Getpid()) // short: names of links are made of it
	s := &suite{Way: way, one: name + "a", two: name + "b"}
	for _, cluster := range []string{s.one, s.two} {
		t.Cleanup(func() {
			if err := way.New(cluster).Destroy(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	for _, behaviour := range []struct {
		name  string
		check func(t *testing.T)
	}{
		{"what is not there is absent and has nothing to destroy", s.absent},
		{"up gives a cluster that is ready", s.up},
		{"pods run and resolve Services", s.pods},
		{"the kubeconfig is the one that commands name", s.kubeconfig},
		{"a second up of the name is refused", s.refused},
		{"an archive that is loaded can be run", s.load},
		{"two clusters run side by side", s.sideBySide},
		{"its own logs can be had", s.logs},
		{"up after a crash gives a new cluster", s.crash},
		{"down leaves nothing", s.down},
	} {
		if !t.Run(behaviour.name, behaviour.check) {
			return
		}
	}
}

// suite is one run of the behaviours on clusters of these names.
type suite struct {
	Way
	one, two string
}

func (s *suite) status(t *testing.T, name string) *cluster.Status {
	t.Helper()
	status, err := s.Clusters.Status(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return status
}
