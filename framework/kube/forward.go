package kube

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"k8s.io/client-go/tools/portforward"
)

// Forward makes a pod's TCP port reachable on the loopback interface of this
// machine and returns the address, host:port. It lasts until stop is called or
// ctx ends.
func (c *Client) Forward(ctx context.Context, namespace, pod string, port int) (address string, stop func(), err error) {
	url := c.Core.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("portforward").URL()
	dialer, err := portforward.NewSPDYOverWebsocketDialer(url, c.REST)
	if err != nil {
		return "", nil, fmt.Errorf("cannot reach port %d of pod %s: %w", port, pod, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	ready, done := make(chan struct{}), make(chan error, 1)
	forwarder, err := portforward.NewOnAddressesWithContext(ctx, dialer, []string{"127.0.0.1"}, []string{"0:" + strconv.Itoa(port)}, ready, io.Discard, io.Discard)
	if err != nil {
		cancel()
		return "", nil, fmt.Errorf("cannot reach port %d of pod %s: %w", port, pod, err)
	}
	go func() { done <- forwarder.ForwardPorts() }()
	stop = func() { cancel(); <-done }
	select {
	case <-ready:
	case err := <-done:
		cancel()
		return "", nil, fmt.Errorf("cannot reach port %d of pod %s: %w", port, pod, err)
	}
	ports, err := forwarder.GetPorts()
	if err != nil || len(ports) != 1 {
		stop()
		return "", nil, fmt.Errorf("cannot reach port %d of pod %s: no local port was opened: %w", port, pod, err)
	}
	return "127.0.0.1:" + strconv.Itoa(int(ports[0].Local)), stop, nil
}
