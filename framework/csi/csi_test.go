package csi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// part answers as the controller or as the node part of a driver.
type part struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	csi.UnimplementedNodeServer
	name string
}

func (p part) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: p.name}, nil
}

func (p part) CreateVolume(context.Context, *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	return nil, status.Error(codes.InvalidArgument, "volume id missing in request")
}

func (p part) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: p.name}, nil
}

// serve starts one part on an address of this machine.
func serve(t *testing.T, name string) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	csi.RegisterIdentityServer(server, part{name: name})
	csi.RegisterControllerServer(server, part{name: name})
	csi.RegisterNodeServer(server, part{name: name})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func connection(t *testing.T) *Conn {
	t.Helper()
	conn, err := dial(serve(t, "controller"), serve(t, "node"), func() {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func TestEachRequestGoesToItsPart(t *testing.T) {
	conn := connection(t)
	for want, of := range map[string]*Conn{"controller": conn, "node": conn.NodePart()} {
		info, err := Call[*csi.GetPluginInfoResponse](t.Context(), of, &csi.GetPluginInfoRequest{})
		if err != nil || info.GetName() != want {
			t.Errorf("%s: got %v, %v", want, info, err)
		}
	}
	info, err := Call[*csi.NodeGetInfoResponse](t.Context(), conn, &csi.NodeGetInfoRequest{})
	if err != nil || info.GetNodeId() != "node" {
		t.Errorf("a request of the node's went to %v, %v", info, err)
	}
	if _, err := Call[*csi.ProbeResponse](t.Context(), conn, &csi.NodeGetInfoRequest{}); err == nil {
		t.Error("an answer of the wrong type was accepted")
	}
	if _, err := methodOf(&csi.CapacityRange{}); err == nil {
		t.Error("a message that is no request was accepted")
	}
}

func TestEveryRequestHasAMethod(t *testing.T) {
	messages := csi.File_csi_proto.Messages()
	for i := range messages.Len() {
		name := string(messages.Get(i).Name())
		if !strings.HasSuffix(name, "Request") {
			continue
		}
		found, err := methodOf(emptyOf(t, name))
		if err != nil || found.name+"Request" != name {
			t.Errorf("%s: got %s, %v", name, found.name, err)
		}
	}
}

func TestTableNamesWhatDiffers(t *testing.T) {
	conn := connection(t)
	request := &csi.CreateVolumeRequest{Name: "v"}
	good := Case{Request: request, Code: codes.InvalidArgument, Message: []string{"volume id", "missing"}}
	if err := conn.Check(t.Context(), []Case{good, {Request: &csi.ListVolumesRequest{}, Code: codes.Unimplemented}}); err != nil {
		t.Errorf("what is as it must be was refused: %v", err)
	}
	err := conn.Check(t.Context(), []Case{good,
		{Name: "with another code", Request: request, Code: codes.OK},
		{Name: "with another message", Request: request, Code: codes.InvalidArgument, Message: []string{"too large"}},
	})
	for _, part := range []string{"CreateVolume with another code: got InvalidArgument", "want code OK", `CreateVolume with another message`, `want a message with "too large"`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
}

func TestStatusIsFoundInsideOtherErrors(t *testing.T) {
	wrapped := fmt.Errorf("make volume v: %w", status.Error(codes.NotFound, "volume w not found"))
	if got := Status(wrapped); got.Code() != codes.NotFound || got.Message() != "volume w not found" {
		t.Errorf("got %v", got)
	}
	if Status(nil).Code() != codes.OK || Status(errors.New("x")).Code() != codes.Unknown {
		t.Errorf("got %v and %v", Status(nil), Status(errors.New("x")))
	}
}

func emptyOf(t *testing.T, name string) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(csi.File_csi_proto.Package().Append(protoreflect.Name(name)))
	if err != nil {
		t.Fatal(err)
	}
	return kind.New().Interface()
}
