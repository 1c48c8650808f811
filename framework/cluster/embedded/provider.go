//go:build linux

package embedded

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/e2e-framework/klient"
	"sigs.k8s.io/e2e-framework/support"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
)

// Provider lets programs written for the e2e-framework use an embedded
// cluster. The zero value builds all components and brings up "muster".
type Provider struct {
	cfg     Config
	version string
	wrong   []error // settings that cannot be met, returned by Create
}

var _ support.E2EClusterProviderWithImageLoader = (*Provider)(nil)

// NewProvider returns a provider for the cluster that cfg describes. Without a
// Set it builds all components at Create.
func NewProvider(cfg Config) support.E2EClusterProvider {
	return (&Provider{cfg: cfg}).SetDefaults()
}

// WithSubnet is an option for WithOpts: the IPv4 range of the cluster.
func WithSubnet(cidr string) support.ClusterOpts {
	return func(c support.E2EClusterProvider) {
		if p, ok := c.(*Provider); ok {
			p.cfg.Subnet = cidr
		}
	}
}

// SetDefaults fills in name and state root.
func (p *Provider) SetDefaults() support.E2EClusterProvider {
	if p.cfg.Name == "" {
		p.cfg.Name = cluster.DefaultName
	}
	if p.cfg.StateRoot == "" {
		p.cfg.StateRoot = StateRoot()
	}
	return p
}

// WithName sets the cluster's name.
func (p *Provider) WithName(name string) support.E2EClusterProvider {
	p.cfg.Name = name
	return p
}

// WithVersion asks for a Kubernetes version. There is one, pinned in
// components/kubernetes/go.mod; Create fails when it is another.
func (p *Provider) WithVersion(version string) support.E2EClusterProvider {
	p.version = version
	return p
}

// WithPath cannot be met: a cluster is made of many programs. Create fails.
func (p *Provider) WithPath(path string) support.E2EClusterProvider {
	p.wrong = append(p.wrong, fmt.Errorf("an embedded cluster has no single program, %s cannot be it; leave WithPath away", path))
	return p
}

// WithOpts applies options such as WithSubnet.
func (p *Provider) WithOpts(opts ...support.ClusterOpts) support.E2EClusterProvider {
	for _, opt := range opts {
		opt(p)
	}
	return p
}

// Create brings up the cluster and returns the path of its kubeconfig. It
// takes no arguments. A cluster of that name that runs already is used.
func (p *Provider) Create(ctx context.Context, args ...string) (string, error) {
	if len(args) > 0 {
		p.wrong = append(p.wrong, fmt.Errorf("unknown arguments %q; an embedded cluster takes none", args))
	}
	if err := errors.Join(p.wrong...); err != nil {
		return "", err
	}
	if p.cfg.Set == nil {
		set, err := components.Ensure(ctx, components.Options{Cache: p.cfg.Cache, Progress: p.cfg.Progress})
		if err != nil {
			return "", err
		}
		p.cfg.Set = set
	}
	if has := p.cfg.Set.Versions()["kube-apiserver"]; p.version != "" && p.version != has {
		return "", fmt.Errorf("Kubernetes %s was asked for, this build has %s; change components/kubernetes/go.mod", p.version, has)
	}
	if _, err := Up(ctx, p.cfg); err != nil && !errors.Is(err, ErrRunning) {
		return "", err
	}
	return p.GetKubeconfig(), nil
}

// CreateWithConfig cannot be met: there is no configuration file.
func (p *Provider) CreateWithConfig(_ context.Context, file string) (string, error) {
	return "", fmt.Errorf("an embedded cluster has no configuration file (%s was given); use Create with WithOpts", file)
}

func (p *Provider) layout() layout { return newLayout(p.cfg.StateRoot, p.cfg.Name) }

// GetKubeconfig returns the path of the kubeconfig, which exists after Create.
func (p *Provider) GetKubeconfig() string { return p.layout().kubeconfig() }

// GenerateKubeconfig returns the path of the kubeconfig; it never changes.
func (p *Provider) GenerateKubeconfig(...string) (string, error) { return p.GetKubeconfig(), nil }

// GetKubectlContext returns the kubeconfig's current context, "" before Create.
func (p *Provider) GetKubectlContext() string {
	config, err := clientcmd.LoadFromFile(p.GetKubeconfig())
	if err != nil {
		return ""
	}
	return config.CurrentContext
}

// KubernetesRestConfig returns the connection to the cluster, nil before
// Create.
func (p *Provider) KubernetesRestConfig() *rest.Config {
	config, err := cluster.RESTConfig(p.GetKubeconfig())
	if err != nil {
		return nil
	}
	return config
}

// WaitForControlPlane returns when the node is Ready. Create has waited for
// that already.
func (p *Provider) WaitForControlPlane(ctx context.Context, _ klient.Client) error {
	client, err := cluster.Connect(p.GetKubeconfig())
	if err != nil {
		return err
	}
	return awaitNode(ctx, client, nodeName(p.cfg.Name))
}

// ExportLogs copies the logs of all components and pods to the directory dest.
func (p *Provider) ExportLogs(_ context.Context, dest string) error {
	return exportLogs(p.layout(), dest)
}

// Destroy takes the cluster down; none is no error.
func (p *Provider) Destroy(ctx context.Context) error {
	err := DownIn(ctx, p.cfg.StateRoot, p.cfg.Name)
	if errors.Is(err, ErrAbsent) {
		return nil
	}
	return err
}

// LoadImage cannot be met: there is no image store to take it from.
func (p *Provider) LoadImage(_ context.Context, image string, _ ...string) error {
	return fmt.Errorf("there is no image store on the host to take %s from; use LoadImageArchive", image)
}

// LoadImageArchive imports a docker or OCI archive into the running cluster.
func (p *Provider) LoadImageArchive(ctx context.Context, archive string, _ ...string) error {
	r, err := loadRecord(p.layout())
	if err != nil || !r.running() {
		return fmt.Errorf("import %s: cluster %q is not running", archive, p.cfg.Name)
	}
	if p.cfg.Set == nil {
		return errors.New("import an image: call Create first")
	}
	return (&node{layout: p.layout(), pid: r.Supervisor.PID, ctr: p.cfg.Set.Binary("ctr")}).LoadArchive(ctx, archive)
}
