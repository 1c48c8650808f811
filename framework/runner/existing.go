package runner

import (
	"fmt"

	"github.com/muster-csi/muster/internal/nearest"
)

// ExistingOptions say how a cluster is used that somebody else has made.
type ExistingOptions struct {
	// Kubeconfig is the path of the file that leads there; "" means $KUBECONFIG or ~/.kube/config.
	Kubeconfig string
	// Config is the path of what its owner says of it, "" for nothing; docs/existing.md explains it.
	Config string
	// Install is "reference" when the run brings the reference driver and takes it away again.
	Install string
	// KeepSettings skips the specs that change something for the whole cluster.
	KeepSettings bool
	// AsServiceAccount runs everything under the roles that muster rbac prints.
	AsServiceAccount bool
}

// ParseInstall reads what was given as --install: whether the reference driver is installed.
func ParseInstall(text string) (reference bool, err error) {
	const known = "reference"
	if text != "" && text != known {
		return false, fmt.Errorf("INSTALL is %q; did you mean %s? Only the reference driver can be installed", text, nearest.Of(text, []string{known}))
	}
	return text == known, nil
}

// check refuses options that mean nothing without an existing cluster.
func (o ExistingOptions) check(kind ClusterKind) error {
	if _, err := ParseInstall(o.Install); err != nil {
		return err
	}
	if kind != Existing && o != (ExistingOptions{}) {
		return fmt.Errorf("KUBECONFIG, CONFIG, INSTALL, --keep-settings and --as-service-account are for CLUSTER=%s: leave them out, or say that", Existing)
	}
	return nil
}
