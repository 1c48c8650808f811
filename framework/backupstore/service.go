package backupstore

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/muster-csi/muster/framework/kube"
)

// Through returns what makes a client reach an endpoint that is the name of a
// Service of the cluster: through the API server, to a ready pod behind it. For
// any other endpoint it changes nothing. The way is opened again when it has
// broken off, until ctx ends. Call stop when done.
func Through(ctx context.Context, c *kube.Client, endpoint string) (option func(*http.Transport), stop func(), err error) {
	unchanged := func(*http.Transport) {}
	u, err := url.Parse(endpoint)
	if err != nil {
		return unchanged, func() {}, nil // the client says what is wrong with it
	}
	service, namespace, ok := serviceName(u.Hostname())
	if !ok {
		return unchanged, func() {}, nil
	}
	port, err := strconv.Atoi(cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme]))
	if err != nil {
		return unchanged, func() {}, nil
	}
	find := func(ctx context.Context) (*podPort, error) { return podBehind(ctx, c.Core, service, namespace, port) }
	behind, err := find(ctx)
	if err != nil || behind == nil {
		return unchanged, func() {}, err
	}
	option, stop = (&tunnel{ctx: ctx, kube: c, find: find}).option()
	return option, stop, nil
}

// serviceName takes apart <service>.<namespace>[.svc[.cluster.local]], false for
// any other host. A host of two parts may also be one of the internet.
func serviceName(host string) (service, namespace string, ok bool) {
	host = strings.TrimSuffix(host, ".")
	host = strings.TrimSuffix(strings.TrimSuffix(host, ".cluster.local"), ".svc")
	service, namespace, ok = strings.Cut(host, ".")
	ok = ok && service != "" && namespace != "" && !strings.Contains(namespace, ".") && net.ParseIP(host) == nil
	return service, namespace, ok
}

// podPort is a pod that answers for a Service.
type podPort struct {
	namespace, pod string
	port           int
}

// podBehind returns a ready pod behind the Service and its port, nil when there is
// no such Service.
func podBehind(ctx context.Context, core kubernetes.Interface, service, namespace string, port int) (*podPort, error) {
	name := namespace + "/" + service
	found, err := core.CoreV1().Services(namespace).Get(ctx, service, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot look for Service %s: %w", name, err)
	}
	i := slices.IndexFunc(found.Spec.Ports, func(p corev1.ServicePort) bool { return int(p.Port) == port })
	if i < 0 {
		return nil, fmt.Errorf("Service %s has no port %d: correct AWS_ENDPOINTS in the secret, or give --endpoint", name, port)
	}
	slicesOf := metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + service}
	list, err := core.DiscoveryV1().EndpointSlices(namespace).List(ctx, slicesOf)
	if err != nil {
		return nil, fmt.Errorf("cannot list what is behind Service %s: %w", name, err)
	}
	for _, slice := range list.Items {
		if behind := readyPod(slice, found.Spec.Ports[i].Name); behind != nil {
			return behind, nil
		}
	}
	return nil, fmt.Errorf("no ready pod is behind Service %s: look at its pods", name)
}

// readyPod returns a ready pod of the slice and its port of that name, nil when
// there is none.
func readyPod(slice discoveryv1.EndpointSlice, portName string) *podPort {
	for _, port := range slice.Ports {
		if port.Port == nil || port.Name != nil && *port.Name != portName || port.Name == nil && portName != "" {
			continue
		}
		for _, endpoint := range slice.Endpoints {
			ready := endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready
			if pod := endpoint.TargetRef; ready && pod != nil && pod.Kind == "Pod" {
				return &podPort{namespace: pod.Namespace, pod: pod.Name, port: int(*port.Port)}
			}
		}
	}
	return nil
}
