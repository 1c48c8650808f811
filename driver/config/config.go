// Package config holds the settings of muster-driver's roles, binds them to
// command line flags and refuses what it does not know, with the nearest name.
package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/deviation"
	"github.com/muster-csi/muster/internal/nearest"
)

// Common is what the roles that serve CSI have in common.
type Common struct {
	// CSIAddress is the path of the unix socket that CSI is served on.
	CSIAddress string
	// DriverName is the CSI driver name.
	DriverName string
	// Namespace is where the CRs live.
	Namespace string
	// Kubeconfig is a path; empty means the pod's service account.
	Kubeconfig string
	// Contract is the release whose version-gated behaviour is shown.
	Contract Contract
	// Deviations are the planted defects and quirks that are on.
	Deviations deviation.Set
}

// Controller is the configuration of the controller role.
type Controller struct{ Common }

// Node is the configuration of the node role.
type Node struct {
	Common
	// NodeName is the Kubernetes node that this process serves.
	NodeName string
	// RegistrationDir is where the kubelet looks for plugin sockets.
	RegistrationDir string
	// KubeletCSIPath is the path of the CSI socket as the kubelet sees it.
	KubeletCSIPath string
	// DataDir holds the pool.
	DataDir string
	// PoolSize is the size in bytes of the pool when one must be made.
	PoolSize int64
	// PodSelector has the labels of the pods of this role, which show the IAM
	// role of a backup target; empty leaves them alone.
	PodSelector map[string]string
	// BackupStall is how long an upload or restore may go without progress before it is ended.
	BackupStall time.Duration
	// DownloadAllow are addresses that backing images may be downloaded from although
	// they are the node's own: loopback, link-local and the like.
	DownloadAllow []netip.Prefix
	// UploadAddress is where files of backing images are sent to by HTTP, "" for nowhere.
	UploadAddress string
	// DownloadLimit is the size in bytes of the largest image that is downloaded.
	DownloadLimit int64
}

// Inventory is the configuration of the inventory command.
type Inventory struct {
	// DataDir holds the pool.
	DataDir string
}

func (c *Common) bind(flags *pflag.FlagSet) {
	c.Contract = LatestContract()
	flags.StringVar(&c.CSIAddress, "csi-address", "/csi/csi.sock", "unix socket that CSI is served on")
	flags.StringVar(&c.DriverName, "driver-name", api.DefaultDriverName, "CSI driver name")
	flags.StringVar(&c.Namespace, "namespace", api.DefaultNamespace, "namespace of the longhorn.io objects")
	flags.StringVar(&c.Kubeconfig, "kubeconfig", "", "kubeconfig; empty uses the pod's service account")
	flags.Var(&c.Contract, "contract", "Longhorn release whose version-gated behaviour is shown, 1.3 to 1.12")
	flags.Var((*deviations)(&c.Deviations), "deviate", "comma-separated deviations to switch on")
}

// Bind adds the controller role's flags.
func (c *Controller) Bind(flags *pflag.FlagSet) { c.bind(flags) }

// Bind adds the node role's flags.
func (n *Node) Bind(flags *pflag.FlagSet) {
	n.bind(flags)
	flags.StringVar(&n.NodeName, "node-name", "", "Kubernetes node that this process serves (required)")
	flags.StringVar(&n.RegistrationDir, "registration-dir", "/registration", "directory in which the kubelet looks for plugins")
	flags.StringVar(&n.KubeletCSIPath, "kubelet-csi-path", "/var/lib/kubelet/plugins/"+api.DefaultDriverName+"/csi.sock", "CSI socket as the kubelet sees it")
	flags.StringVar(&n.DataDir, "data-dir", "/var/lib/longhorn", "directory of the pool")
	n.PoolSize = 32 << 30
	flags.StringToStringVar(&n.PodSelector, "pod-selector", nil, "labels of this role's pods, as app=name, which get the IAM role of a backup target as an annotation")
	flags.DurationVar(&n.BackupStall, "backup-stall", time.Minute, "how long an upload or restore may go without progress before it is ended")
	flags.Var((*prefixes)(&n.DownloadAllow), "download-allow", "comma-separated address ranges, as 127.0.0.0/8, that backing images may be downloaded from although they are loopback, link-local or a metadata service's")
	flags.StringVar(&n.UploadAddress, "upload-address", "", "address, as :9500, that files of backing images of type upload are sent to; empty takes none")
	n.DownloadLimit = 1 << 40
	flags.Var((*bytes)(&n.DownloadLimit), "download-limit", "size of the largest backing image that is downloaded")
	flags.Var((*bytes)(&n.PoolSize), "pool-size", "size of the pool when the data directory cannot reflink")
}

// Validate reports what is missing.
func (n *Node) Validate() error {
	if n.NodeName == "" {
		return errors.New("--node-name is empty: pass the name of this Kubernetes node, as from spec.nodeName")
	}
	return nil
}

// Bind adds the inventory command's flags.
func (i *Inventory) Bind(flags *pflag.FlagSet) {
	flags.StringVar(&i.DataDir, "data-dir", "/var/lib/longhorn", "directory of the pool")
}

// SuggestFlag is a cobra flag-error function: it adds the nearest flag to an
// unknown one.
func SuggestFlag(command *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	command.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return fmt.Errorf("%s: unknown flag --%s: did you mean --%s? See %s --help",
		command.Name(), unknown.GetSpecifiedName(), nearest.Of(unknown.GetSpecifiedName(), names), command.CommandPath())
}

type deviations deviation.Set

func (d *deviations) String() string { return deviation.Set(*d).String() }
func (d *deviations) Type() string   { return "names" }
func (d *deviations) Set(text string) error {
	set, err := deviation.Parse(text)
	if err != nil {
		return err
	}
	*d = deviations(set)
	return nil
}

type bytes int64

func (b *bytes) String() string { return resource.NewQuantity(int64(*b), resource.BinarySI).String() }
func (b *bytes) Type() string   { return "quantity" }
func (b *bytes) Set(text string) error {
	quantity, err := resource.ParseQuantity(text)
	if err != nil || quantity.Sign() <= 0 {
		return fmt.Errorf("%q is not a size: write it as 32Gi", text)
	}
	*b = bytes(quantity.Value())
	return nil
}

type prefixes []netip.Prefix

func (p *prefixes) String() string {
	texts := make([]string, len(*p))
	for i, prefix := range *p {
		texts[i] = prefix.String()
	}
	return strings.Join(texts, ",")
}
func (p *prefixes) Type() string { return "ranges" }
func (p *prefixes) Set(text string) error {
	for field := range strings.SplitSeq(text, ",") {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(field))
		if err != nil {
			return fmt.Errorf("%q is not a range of addresses: write it as 127.0.0.0/8", field)
		}
		*p = append(*p, prefix.Masked())
	}
	return nil
}
