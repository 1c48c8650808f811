package clustertest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/muster-csi/muster/framework/cluster"
)

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
	if err != nil || !slices.Contains(names, s.two) {
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
	if names, err := s.Clusters.Names(); err != nil || slices.Contains(names, s.one) {
		t.Errorf("the list of clusters is %v, %v", names, err)
	}
}
