package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/muster-csi/muster/framework/access"
	"github.com/muster-csi/muster/framework/clean"
	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/doctor"
	"github.com/muster-csi/muster/framework/existing"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn/release"
	"github.com/muster-csi/muster/framework/target"
)

// guest is a run in an existing cluster.
type guest struct {
	ExistingOptions
	run    string
	config existing.Config
	set    *components.Set
	// admin is the client of the kubeconfig, client the one that everything is done with.
	admin, client *kube.Client
	account       *access.Account
	fitted        *existing.Fitted
	installed     bool
	// sweep is set when specs have ended without their own cleanup.
	sweep bool
	// longhorn says that the driver is meant to be a Longhorn.
	longhorn bool
}

// newGuest finds the kubeconfig and reads the configuration; where that names no contract it is the given one,
// or that of the Longhorn in the cluster when the driver is said to be one.
func newGuest(ctx context.Context, options ExistingOptions, driver DriverOptions, contract, run string) (*guest, error) {
	config, err := existing.ReadConfig(options.Config)
	if err != nil {
		return nil, err
	}
	config.KeepSettings = config.KeepSettings || options.KeepSettings
	g := &guest{ExistingOptions: options, run: run, config: config, longhorn: driver.longhorn()}
	if g.Kubeconfig, err = findKubeconfig(options.Kubeconfig); err != nil {
		return nil, err
	}
	if g.admin, err = g.connect(g.Kubeconfig); err != nil {
		return nil, err
	}
	g.client = g.admin
	if driver.longhorn() {
		installed, err := longhornThere(ctx, g.admin, driver.LonghornVersion)
		if err != nil {
			return nil, err
		}
		contract = cmp.Or(contract, installed.Contract())
	}
	g.config.Contract = cmp.Or(config.Contract, contract, target.DefaultContract)
	return g, nil
}

// longhornThere reads the release of the Longhorn that is in the cluster, and refuses another than the one asked for.
func longhornThere(ctx context.Context, c *kube.Client, asked string) (release.Version, error) {
	installed, err := target.InstalledLonghorn(ctx, c)
	if err == nil && asked != "" && installed.String() != asked {
		err = fmt.Errorf("the cluster has Longhorn %s, and %s was asked for: correct LONGHORN_VERSION, or leave it out", installed, asked)
	}
	return installed, err
}

// findKubeconfig returns the absolute path of the kubeconfig: the processes of the specs get it.
func findKubeconfig(path string) (string, error) {
	if path == "" {
		path = os.Getenv(clientcmd.RecommendedConfigPathEnvVar)
	}
	if path == "" {
		path = clientcmd.RecommendedHomeFile
	}
	if strings.Contains(path, string(os.PathListSeparator)) {
		return "", fmt.Errorf("$%s names several files: give one with --kubeconfig", clientcmd.RecommendedConfigPathEnvVar)
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("find the cluster: %w; give its kubeconfig with --kubeconfig", err)
	}
	return filepath.Abs(path)
}

func (g *guest) connect(kubeconfig string) (*kube.Client, error) {
	rest, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("use kubeconfig %s: %w", kubeconfig, err)
	}
	client, err := kube.New(rest)
	if err != nil {
		return nil, err
	}
	client.Making = kube.Making{Run: g.run, Registry: g.config.Registry}
	return client, nil
}

// open makes the cluster fit for the specs. On an error nothing is left.
func (g *guest) open(ctx context.Context, stage Stage, note func(string, ...any)) (*Session, error) {
	session := &Session{
		Cluster: &cluster.Info{Name: string(Existing), Kubeconfig: g.Kubeconfig}, where: ClusterOptions{Kind: Existing}, guest: g,
	}
	err := g.enter(ctx, stage, note)
	if err == nil {
		session.guard, err = NewGuard(Existing, session.Cluster.Name)
	}
	if err != nil {
		return nil, errors.Join(err, g.leave(context.WithoutCancel(ctx)))
	}
	session.guard.KeepCluster()
	session.REST, session.Target = g.client.REST, g.fitted.Target
	if g.account != nil {
		session.Cluster.Kubeconfig = g.account.Kubeconfig
	}
	return session, nil
}

func (g *guest) enter(ctx context.Context, stage Stage, note func(string, ...any)) error {
	reference, err := ParseInstall(g.Install)
	if err != nil {
		return err
	}
	if reference || g.config.Backupstore == existing.InstallStore {
		if err := g.install(ctx, reference, stage, note); err != nil {
			return err
		}
	}
	if g.AsServiceAccount {
		if g.account, err = access.NewAccount(ctx, g.admin, "muster-"+g.run, g.config.KeepSettings); err != nil {
			return err
		}
		if g.client, err = g.connect(g.account.Kubeconfig); err != nil {
			return err
		}
	}
	began := time.Now()
	if err := g.examine(ctx, g.client, false, note); err != nil {
		return err
	}
	if g.fitted, err = existing.Fit(ctx, g.client, g.config); err != nil {
		return err
	}
	stage("cluster examined", time.Since(began))
	return nil
}

// install brings what is to be there for the run only.
func (g *guest) install(ctx context.Context, reference bool, stage Stage, note func(string, ...any)) error {
	if err := g.examine(ctx, g.admin, reference, note); err != nil {
		return err
	}
	began := time.Now()
	var err error
	if g.installed, err = existing.Install(ctx, g.admin, g.config, reference, g.set); err != nil {
		return fmt.Errorf("install into the cluster: %w", err)
	}
	g.config.Backupstore = existing.OwnStore // it is there now
	stage("installed for the run", time.Since(began))
	return nil
}

// examine notes what the doctor finds and ends the run at errors.
func (g *guest) examine(ctx context.Context, c *kube.Client, install bool, note func(string, ...any)) error {
	findings, err := doctor.Examine(ctx, doctor.Patient{Client: c, Config: g.config, Install: install, Longhorn: g.longhorn && c == g.admin})
	if err != nil {
		return err
	}
	for _, finding := range findings {
		if finding.Level != doctor.Fine {
			note("%s", finding)
		}
	}
	if doctor.Worst(findings) == doctor.Error {
		return errors.New("the specs cannot run in this cluster; bin/muster doctor shows all findings")
	}
	return nil
}

// leave removes what the run has made for all of its specs. It may be called again.
func (g *guest) leave(ctx context.Context) error {
	var failures []error
	if g.fitted != nil {
		failures = append(failures, g.fitted.Close(ctx))
	}
	if g.account != nil {
		failures = append(failures, g.account.Close(ctx))
	}
	if g.installed || g.sweep {
		failures = append(failures, g.uninstall(ctx))
	}
	return errors.Join(failures...)
}

func (g *guest) uninstall(ctx context.Context) error {
	there, err := existing.ForCleaning(ctx, g.admin, g.run)
	if err != nil {
		return err
	}
	return clean.Clean(ctx, there, func(string) {})
}

// cleaning is the command that removes what a run has left.
func (g *guest) cleaning() string {
	return fmt.Sprintf("bin/muster clean --run %s --kubeconfig %s", g.run, g.Kubeconfig)
}
