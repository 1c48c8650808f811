package csi

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Case is one request and how the driver must answer it.
type Case struct {
	// Name says what is special about the request.
	Name string
	// Request is a request of CSI, such as *csi.CreateVolumeRequest.
	Request proto.Message
	// Code is the status, codes.OK when it must succeed.
	Code codes.Code
	// Message holds parts that the status's message must contain.
	Message []string
}

// atOnce is how many requests of a table are under way at the same time.
const atOnce = 8

// Check sends all requests, several at a time, and returns every answer that is
// not as it must be, joined. The cases must not touch the same volume or snapshot.
func (c *Conn) Check(ctx context.Context, cases []Case) error {
	failures := make([]error, len(cases))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, each := range cases {
		group.Go(func() error {
			_, err := c.call(ctx, each.Request)
			failures[i] = each.judge(err)
			return nil
		})
	}
	_ = group.Wait()
	return errors.Join(failures...)
}

// judge compares the status of an answer with what it must be.
func (c Case) judge(err error) error {
	got := status.Convert(err)
	var wrong []string
	if got.Code() != c.Code {
		wrong = append(wrong, fmt.Sprintf("want code %s", c.Code))
	}
	for _, part := range c.Message {
		if !strings.Contains(got.Message(), part) {
			wrong = append(wrong, fmt.Sprintf("want a message with %q", part))
		}
	}
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("%s: got %s %q, %s", c.describe(), got.Code(), got.Message(), strings.Join(wrong, " and "))
}

func (c Case) describe() string {
	method, err := methodOf(c.Request)
	if err != nil {
		return c.Name
	}
	return method.name + " " + c.Name
}
