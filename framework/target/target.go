// Package target says what a driver under test is to the suite and installs
// the reference driver with what it needs around it. It addresses the driver
// through the Kubernetes API only.
package target

import (
	"context"
	"time"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"

	"github.com/muster-csi/muster/framework/logs"
)

// Target is a storage driver under test in one cluster.
type Target interface {
	// Name is "reference", "longhorn" for a release that was installed here, or what another driver calls itself.
	Name() string
	// Capabilities say which of the following methods work.
	Capabilities() Capabilities
	// Install brings the driver into the cluster and returns when it works. It
	// may be called again.
	Install(ctx context.Context) error
	// Contract is the Longhorn version whose behaviour was asked for last, such as "1.12".
	Contract() string
	// SetOptions restarts the driver with other options and returns when it
	// works again. Options that are set already restart nothing.
	SetOptions(ctx context.Context, options Options) error
	// Inventory lists what the driver holds on its nodes, for the leak check.
	Inventory(ctx context.Context) (Inventory, error)
	// InImage runs a command where the file of a backing image is, with the
	// path of that file as its last argument, and returns what it prints.
	InImage(ctx context.Context, image *longhornv1beta2.BackingImage, command ...string) ([]byte, error)
	// Sockets says where CSI can be spoken to the driver directly.
	Sockets(ctx context.Context) (Sockets, error)
	// Logs returns what the driver and its sidecars have logged since then,
	// keyed "pod/container". The zero time means everything.
	Logs(ctx context.Context, since time.Time) (map[string][]byte, error)
	// FollowLogs writes what they log from now on into a folder, also of pods
	// that end, until the follower is stopped.
	FollowLogs(ctx context.Context, dir string) (*logs.Follower, error)
	// Versions maps the parts of the driver, its sidecars and the cluster to their versions.
	Versions(ctx context.Context) (map[string]string, error)
}

// Capabilities are what muster can do with a driver beyond what Kubernetes and Longhorn's resources
// show. None of it works with a driver that is not its own.
type Capabilities struct {
	// Options says that SetOptions works.
	Options bool
	// Inventory says that Inventory works.
	Inventory bool
	// Images says that InImage works.
	Images bool
	// Sockets says that Sockets works.
	Sockets bool
}

// How a driver can be dealt with, see New.
const (
	// Reference is the driver of this repository.
	Reference = "reference"
	// Longhorn is a release of Longhorn that muster has installed.
	Longhorn = "longhorn"
	// Existing is any other.
	Existing = "existing"
)

// Options select the behaviour of the reference driver.
type Options struct {
	// Contract is a Longhorn version such as "1.12" or "1.4".
	Contract string
	// Deviate names deviations to switch on, see driver/deviation.
	Deviate []string
}

// Components is what installing needs of the built components.
type Components interface {
	// Manifest returns a YAML text by name: "snapshot-crds" or "longhorn-crds".
	Manifest(name string) ([]byte, error)
	// Versions maps each component to its version.
	Versions() map[string]string
}

const (
	// Namespace is where the driver and its custom resources live.
	Namespace = "longhorn-system"
	// DriverName is the CSI name of the driver.
	DriverName = "driver.longhorn.io"
	// DefaultContract is the Longhorn version that the driver follows unless told otherwise.
	DefaultContract = "1.12"
)

const (
	controllerName  = "longhorn-csi-controller"
	nodeName        = "longhorn-csi-node"
	driverContainer = "muster-driver"
)
