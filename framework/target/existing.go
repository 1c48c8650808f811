package target

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/logs"
)

// ErrForeign is returned where muster would have to reach into a driver that is not its own.
var ErrForeign = errors.New("only the reference driver can do this")

// existing is a driver that is not muster's own: whatever is in somebody's cluster, or a release of Longhorn.
type existing struct {
	client   func() (*kube.Client, error)
	name     string
	driver   string
	contract string
	// known are versions that cannot be read from the images of pods.
	known map[string]string
}

// New returns the driver of that CSI name in the cluster of config, installed or not, dealt with as kind
// says. Contract is the Longhorn version whose behaviour is asked for.
func New(kind string, config *rest.Config, driver, contract string) (Target, error) {
	switch kind {
	case Reference:
		return NewReference(config, nil, contract), nil
	case Existing:
		return newExisting(driver, config, driver, contract), nil
	case Longhorn:
		return newExisting(Longhorn, config, driver, contract), nil
	}
	return nil, fmt.Errorf("unknown target %q: known are %q, %q and %q", kind, Reference, Longhorn, Existing)
}

func newExisting(name string, config *rest.Config, driver, contract string) *existing {
	client := sync.OnceValues(func() (*kube.Client, error) { return kube.New(config) })
	return &existing{client: client, name: name, driver: driver, contract: contract}
}

// Detect says how the driver of that name can be dealt with: Reference when it is the one of this
// repository, Existing for any other.
func Detect(ctx context.Context, c *kube.Client, driver string) (string, error) {
	if driver != DriverName {
		return Existing, nil
	}
	deployment, err := c.Core.AppsV1().Deployments(Namespace).Get(ctx, controllerName, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return Existing, nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the reference driver: %w", err)
	}
	for _, container := range deployment.Spec.Template.Spec.Containers {
		if container.Name == driverContainer {
			return Reference, nil
		}
	}
	return Existing, nil
}

// Name implements Target: of a driver that is there nothing more is known than what it calls itself.
func (e *existing) Name() string { return e.name }

// Contract implements Target.
func (e *existing) Contract() string { return e.contract }

// Capabilities implements Target.
func (e *existing) Capabilities() Capabilities { return Capabilities{Sockets: e.driver == DriverName} }

// Install implements Target.
func (e *existing) Install(context.Context) error { return e.foreign("be installed") }

// SetOptions implements Target.
func (e *existing) SetOptions(context.Context, Options) error { return e.foreign("get other options") }

// Inventory implements Target.
func (e *existing) Inventory(context.Context) (Inventory, error) {
	return nil, e.foreign("list what it holds")
}

// InImage implements Target.
func (e *existing) InImage(context.Context, *longhornv1beta2.BackingImage, ...string) ([]byte, error) {
	return nil, e.foreign("show the file of a backing image")
}

func (e *existing) foreign(what string) error {
	return fmt.Errorf("driver %s cannot %s: %w", e.driver, what, ErrForeign)
}

// Sockets implements Target. Longhorn serves both parts at the socket that the kubelet knows, on every node.
func (e *existing) Sockets(ctx context.Context) (Sockets, error) {
	if !e.Capabilities().Sockets {
		return Sockets{}, e.foreign("be asked directly")
	}
	c, err := e.client()
	if err != nil {
		return Sockets{}, err
	}
	nodes, err := c.Core.StorageV1().CSINodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return Sockets{}, fmt.Errorf("cannot list where the driver is registered: %w", err)
	}
	for i := range nodes.Items {
		if held, _, _ := listsDriver(&nodes.Items[i]); held {
			return Sockets{Node: nodes.Items[i].Name, Dir: socketDir, Controller: "csi.sock", NodePart: "csi.sock"}, nil
		}
	}
	return Sockets{}, fmt.Errorf("driver %s is not registered on any node", e.driver)
}

// Logs implements Target: those of the pods in the driver's namespace, and of the snapshot controller
// where it is usually put.
func (e *existing) Logs(ctx context.Context, since time.Time) (map[string][]byte, error) {
	c, err := e.client()
	if err != nil {
		return nil, err
	}
	all, err := c.Logs(ctx, Namespace, "", since)
	if err != nil {
		return nil, err
	}
	for _, label := range []string{"app=", "app.kubernetes.io/name="} {
		some, err := c.Logs(ctx, "kube-system", label+snapshotController, since)
		if apierrors.IsForbidden(err) {
			break // the driver's own are enough
		}
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	return all, nil
}

// FollowLogs implements Target.
func (e *existing) FollowLogs(ctx context.Context, dir string) (*logs.Follower, error) {
	c, err := e.client()
	if err != nil {
		return nil, err
	}
	return logs.Follow(ctx, c.Core, dir, logs.Source{Namespace: Namespace}, logs.Source{Namespace: "kube-system", Label: "app=" + snapshotController})
}

// Versions implements Target: the images of the driver's namespace, the API server, and what is known otherwise.
func (e *existing) Versions(ctx context.Context) (map[string]string, error) {
	c, err := e.client()
	if err != nil {
		return nil, err
	}
	server, err := c.Core.Discovery().ServerVersion()
	if err != nil {
		return nil, fmt.Errorf("cannot ask the API server for its version: %w", err)
	}
	versions := maps.Clone(e.known)
	if versions == nil {
		versions = map[string]string{}
	}
	versions["kubernetes"] = server.GitVersion
	pods, err := c.Core.CoreV1().Pods(Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("cannot list the pods of %s: %w", Namespace, err)
	}
	for _, pod := range pods.Items {
		for _, container := range pod.Spec.Containers {
			if name, version := ImageVersion(container.Image); version != "" {
				versions[name] = version
			}
		}
	}
	return versions, nil
}

// ImageVersion takes the name and the tag from the reference of an image; the tag is empty when there is none.
func ImageVersion(image string) (name, version string) {
	image, _, _ = strings.Cut(image, "@")
	name, version, _ = strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	return name, version
}
