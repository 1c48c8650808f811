// Package clustertest is what every way to a cluster must be able to do, as tests
// that each provider's package runs on itself.
package clustertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

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

func (s *suite) absent(t *testing.T) {
	if phase := s.status(t, s.one).Phase; phase != cluster.Absent {
		t.Errorf("before anything was made it is %s", phase)
	}
	if err := s.New(s.one).Destroy(t.Context()); err != nil {
		t.Errorf("to destroy nothing: %v", err)
	}
	if err := s.Clusters.Down(t.Context(), s.one); !errors.Is(err, cluster.ErrAbsent) {
		t.Errorf("to take nothing down: %v", err)
	}
	if err := s.Clusters.Check(t.Context(), "Not_A_Name", false); err == nil {
		t.Error("a name with capitals and an underscore passes")
	}
}

func (s *suite) up(t *testing.T) {
	if _, err := s.New(s.one).Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status := s.status(t, s.one); status.Phase != cluster.Running || !status.Ready || status.Node == "" {
		t.Errorf("after up it is %+v", status)
	}
}

func (s *suite) kubeconfig(t *testing.T) {
	provider := s.New(s.one)
	if provider.GetKubectlContext() == "" || provider.KubernetesRestConfig() == nil {
		t.Error("the kubeconfig has no context, or none that leads to a server")
	}
	if told := s.status(t, s.one).Kubeconfig; told != provider.GetKubeconfig() {
		t.Errorf("the status names the kubeconfig %s, the provider %s", told, provider.GetKubeconfig())
	}
}

func (s *suite) refused(t *testing.T) {
	for what, err := range map[string]error{
		"check": s.Clusters.Check(t.Context(), s.one, false),
		"up":    second(s.Clusters.Up(t.Context(), cluster.Request{Name: s.one, Set: s.Set})),
	} {
		if !errors.Is(err, cluster.ErrRunning) {
			t.Errorf("%s of a cluster that runs: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func (s *suite) sideBySide(t *testing.T) {
	if _, err := s.New(s.two).Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	mark(t, s.client(t, s.one), "first")
	mark(t, s.client(t, s.two), "second")
	if marked(t, s.client(t, s.one), "second") || marked(t, s.client(t, s.two), "first") {
		t.Error("the two clusters are one")
	}
	names, err := s.Clusters.Names()
	if err != nil || !strings.Contains(" "+strings.Join(names, " ")+" ", " "+s.two+" ") {
		t.Errorf("the list of clusters is %v, %v", names, err)
	}
	if err := s.New(s.two).Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status := s.status(t, s.one); status.Phase != cluster.Running || !status.Ready {
		t.Errorf("once the other is down this one is %+v", status)
	}
}

func (s *suite) logs(t *testing.T) {
	dir := t.TempDir()
	if err := s.Clusters.ExportLogs(t.Context(), s.one, dir); err != nil {
		t.Fatal(err)
	}
	if !contains(t, dir, "kubelet") {
		t.Error("the kubelet's log is not among the exported ones")
	}
}

func (s *suite) crash(t *testing.T) {
	s.Crash(t, s.one)
	if status := s.status(t, s.one); status.Phase != cluster.Dead || status.Reason == "" {
		t.Errorf("after a crash it is %+v", status)
	}
	if _, err := s.New(s.one).Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if marked(t, s.client(t, s.one), "first") {
		t.Error("the new cluster has the data of the crashed one")
	}
}

// nothingWithin bounds how long the kernel may take to let go of what a cluster had.
const nothingWithin = 20 * time.Second

func (s *suite) down(t *testing.T) {
	if err := s.Clusters.Down(t.Context(), s.one); err != nil {
		t.Fatal(err)
	}
	state := s.status(t, s.one)
	if state.Phase != cluster.Absent {
		t.Errorf("after down it is %s", state.Phase)
	}
	for _, name := range []string{s.one, s.two} {
		AwaitNothing(t, func() []string { return s.Traces(t, name) })
	}
	if names, err := s.Clusters.Names(); err != nil || strings.Contains(strings.Join(names, " "), s.one) {
		t.Errorf("the list of clusters is %v, %v", names, err)
	}
}
