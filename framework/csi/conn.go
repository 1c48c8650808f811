// Package csi speaks CSI directly to the driver under test, below Kubernetes:
// for codes, repeated calls and malformed input, of which hundreds of cases cost
// seconds that way. A pod on the driver's node makes the sockets reachable.
package csi

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/muster-csi/muster/framework/timeouts"
)

// Conn reaches both parts of a driver. Its methods may be called concurrently.
type Conn struct {
	controller, node *grpc.ClientConn
	stop             func()
}

// dial connects to the two addresses, host:port, when they are first called.
func dial(controller, node string, stop func()) (*Conn, error) {
	conn := &Conn{stop: stop}
	var failures []error
	for _, part := range []struct {
		address string
		into    **grpc.ClientConn
	}{{controller, &conn.controller}, {node, &conn.node}} {
		client, err := grpc.NewClient("passthrough:///"+part.address, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithNoProxy())
		*part.into = client
		failures = append(failures, err)
	}
	if err := errors.Join(failures...); err != nil {
		return nil, fmt.Errorf("cannot speak CSI to the driver: %w", err)
	}
	return conn, nil
}

// Close ends the connections and what they went through.
func (c *Conn) Close() {
	for _, part := range []*grpc.ClientConn{c.controller, c.node} {
		if part != nil {
			_ = part.Close()
		}
	}
	c.stop()
}

// Call sends one request of CSI and returns the answer, or the status that the
// driver gave as an error. It waits for a driver that is just being restarted.
func Call[Answer proto.Message](ctx context.Context, c *Conn, request proto.Message) (Answer, error) {
	var none Answer
	answer, err := c.call(ctx, request)
	if err != nil {
		return none, err
	}
	typed, fits := answer.(Answer)
	if !fits {
		return none, fmt.Errorf("%T is answered by a %T, not by a %T: the test asks for the wrong type", request, answer, none)
	}
	return typed, nil
}

func (c *Conn) call(ctx context.Context, request proto.Message) (proto.Message, error) {
	method, err := methodOf(request)
	if err != nil {
		return nil, err
	}
	part := c.controller
	if method.service == "Node" {
		part = c.node
	}
	ctx, cancel := context.WithTimeout(ctx, timeouts.CSICall.Limit)
	defer cancel()
	answer := method.answer()
	return answer, part.Invoke(ctx, method.path, request, answer, grpc.WaitForReady(true))
}

// NodePart sends a request of Identity to the node part instead of the controller.
func (c *Conn) NodePart() *Conn { return &Conn{controller: c.node, node: c.node, stop: func() {}} }

// Status is the status that the driver answered, also when more was said about it on
// the way; OK for nil, Unknown for an error that is not the driver's.
func Status(err error) *status.Status {
	var answered interface{ GRPCStatus() *status.Status }
	if errors.As(err, &answered) {
		return answered.GRPCStatus()
	}
	return status.Convert(err)
}
