package kind

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

// Provider lets programs written for the e2e-framework use a kind cluster. The
// zero value builds all components and brings up "muster" with kind's own image.
type Provider struct {
	cfg     Config
	version string
	wrong   []error // settings that cannot be met, returned by Create
}

var _ support.E2EClusterProviderWithImageLoader = (*Provider)(nil)

// NewProvider returns a provider for the cluster that cfg describes. Without a Set
// it builds all components at Create.
func NewProvider(cfg Config) support.E2EClusterProvider {
	return (&Provider{cfg: cfg}).SetDefaults()
}

// WithNodeImage is an option for WithOpts: the node image, see Config.
func WithNodeImage(image string) support.ClusterOpts {
	return func(c support.E2EClusterProvider) {
		if p, ok := c.(*Provider); ok {
			p.cfg.NodeImage = image
		}
	}
}

// SetDefaults fills in name and state root.
func (p *Provider) SetDefaults() support.E2EClusterProvider {
	if p.cfg.Name == "" {
		p.cfg.Name = cluster.DefaultName
	}
	if p.cfg.StateRoot == "" {
		root, err := StateRoot()
		p.cfg.StateRoot = root
		if err != nil {
			p.wrong = append(p.wrong, err)
		}
	}
	return p
}

// WithName sets the cluster's name.
func (p *Provider) WithName(name string) support.E2EClusterProvider {
	p.cfg.Name = name
	return p
}

// WithVersion asks for a Kubernetes version by the tag of kind's own image. Ours
// has one, pinned in components/kubernetes/go.mod; Create fails when it is another.
func (p *Provider) WithVersion(version string) support.E2EClusterProvider {
	p.version = version
	return p
}

// WithPath cannot be met: kind is linked in. Create fails.
func (p *Provider) WithPath(path string) support.E2EClusterProvider {
	p.wrong = append(p.wrong, fmt.Errorf("kind is part of this program, %s cannot be it; leave WithPath away", path))
	return p
}

// WithOpts applies options such as WithNodeImage.
func (p *Provider) WithOpts(opts ...support.ClusterOpts) support.E2EClusterProvider {
	for _, opt := range opts {
		opt(p)
	}
	return p
}

// Create brings up the cluster and returns the path of its kubeconfig. It takes no
// arguments. A cluster of that name that runs already is used.
func (p *Provider) Create(ctx context.Context, args ...string) (string, error) {
	if len(args) > 0 {
		p.wrong = append(p.wrong, fmt.Errorf("unknown arguments %q; use WithOpts", args))
	}
	if err := errors.Join(p.wrong...); err != nil {
		return "", err
	}
	if p.cfg.Set == nil {
		_, optional := Clusters{NodeImage: p.cfg.NodeImage}.Needs()
		set, err := components.Ensure(ctx, components.Options{Progress: p.cfg.Progress, With: optional})
		if err != nil {
			return "", err
		}
		p.cfg.Set = set
	}
	if err := p.chooseVersion(); err != nil {
		return "", err
	}
	if _, err := Up(ctx, p.cfg); err != nil && !errors.Is(err, cluster.ErrRunning) {
		return "", err
	}
	return p.GetKubeconfig(), nil
}

func (p *Provider) chooseVersion() error {
	switch has := p.cfg.Set.Versions()[nodeComponent]; {
	case p.version == "":
	case p.cfg.NodeImage == "":
		p.cfg.NodeImage = "kindest/node:" + p.version
	case p.cfg.NodeImage == LocalImage && p.version != has:
		return fmt.Errorf("Kubernetes %s was asked for, the node image has %s; change components/kubernetes/go.mod", p.version, has)
	}
	return nil
}

// CreateWithConfig brings up the cluster with another configuration of kind.
func (p *Provider) CreateWithConfig(ctx context.Context, file string) (string, error) {
	p.cfg.File = file
	return p.Create(ctx)
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

// KubernetesRestConfig returns the connection to the cluster, nil before Create.
func (p *Provider) KubernetesRestConfig() *rest.Config {
	config, err := cluster.RESTConfig(p.GetKubeconfig())
	if err != nil {
		return nil
	}
	return config
}

// WaitForControlPlane returns when all nodes are Ready. Create has waited for that
// already.
func (p *Provider) WaitForControlPlane(ctx context.Context, _ klient.Client) error {
	client, err := cluster.Connect(p.GetKubeconfig())
	if err != nil {
		return err
	}
	return awaitNodes(ctx, client)
}

// ExportLogs copies what kind collects of each node to the directory dest.
func (p *Provider) ExportLogs(_ context.Context, dest string) error {
	return exportLogs(p.cfg.Name, dest)
}

// Destroy takes the cluster down; none is no error.
func (p *Provider) Destroy(ctx context.Context) error {
	err := DownIn(ctx, p.cfg.StateRoot, p.cfg.Name)
	if errors.Is(err, cluster.ErrAbsent) {
		return nil
	}
	return err
}
