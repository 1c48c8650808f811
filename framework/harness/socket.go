package harness

import (
	"context"
	"fmt"
	"sync"

	"github.com/onsi/ginkgo/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/csi"
)

// socket is this process's way to the driver's CSI sockets, made when it is first asked for.
type socket struct {
	mutex     sync.Mutex
	conn      *csi.Conn
	namespace string
}

// CSI returns the connection to the driver's CSI sockets that the specs of this process share. A driver whose
// sockets nobody knows skips the spec.
func (c *Cluster) CSI(ctx context.Context) (*csi.Conn, error) {
	ginkgo.GinkgoHelper()
	c.socket.mutex.Lock()
	defer c.socket.mutex.Unlock()
	if c.socket.conn != nil {
		return c.socket.conn, nil
	}
	if !c.Target.Capabilities().Sockets {
		ginkgo.Skip("needs the driver's CSI sockets, and it is not known where driver " + c.Config.Driver + " has them on a node")
	}
	sockets, err := c.Target.Sockets(ctx)
	if err != nil {
		return nil, err
	}
	namespace, err := c.socketNamespace(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := csi.Connect(ctx, c.Kube, namespace, sockets)
	if err != nil {
		return nil, err
	}
	c.socket.conn = conn
	return conn, nil
}

// socketNamespace makes the namespace of the pod that reaches the sockets; it looks into a directory of the node.
func (c *Cluster) socketNamespace(ctx context.Context) (string, error) {
	name := namespaceName("csi-proxy", c.Config.Run)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
		specLabel: name, "pod-security.kubernetes.io/enforce": "privileged",
	}}}
	if err := c.Client.Create(ctx, namespace); err != nil {
		return "", fmt.Errorf("create namespace %s for the way to the CSI sockets: %w", name, err)
	}
	if c.socket.namespace != "" { // of an attempt that failed
		_ = c.Client.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.socket.namespace}})
	}
	c.socket.namespace = name
	return name, nil
}

// Disconnect removes what the specs of this process have shared. Call it when the last one has ended.
func (c *Cluster) Disconnect(ctx context.Context) error {
	c.socket.mutex.Lock()
	defer c.socket.mutex.Unlock()
	if c.socket.conn != nil {
		c.socket.conn.Close()
		c.socket.conn = nil
	}
	if c.socket.namespace == "" {
		return nil
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.socket.namespace}}
	if err := client.IgnoreNotFound(c.Client.Delete(ctx, namespace)); err != nil {
		return fmt.Errorf("remove namespace %s: %w", c.socket.namespace, err)
	}
	return nil
}
