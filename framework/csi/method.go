package csi

import (
	"fmt"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// method is one RPC of CSI.
type method struct {
	// service and name are as in "Controller" and "CreateVolume".
	service, name string
	// path is what gRPC calls it.
	path string
	// answer makes an empty response.
	answer func() proto.Message
}

// methodOf finds the RPC that takes a request of this type: CSI has exactly one for each.
func methodOf(request proto.Message) (method, error) {
	want := request.ProtoReflect().Descriptor().FullName()
	services := csi.File_csi_proto.Services()
	for i := range services.Len() {
		service := services.Get(i)
		methods := service.Methods()
		for j := range methods.Len() {
			if found := methods.Get(j); found.Input().FullName() == want {
				return describe(service, found)
			}
		}
	}
	return method{}, fmt.Errorf("%s is not a request of CSI", want)
}

func describe(service protoreflect.ServiceDescriptor, found protoreflect.MethodDescriptor) (method, error) {
	answer, err := protoregistry.GlobalTypes.FindMessageByName(found.Output().FullName())
	if err != nil {
		return method{}, fmt.Errorf("the answer of %s: %w", found.FullName(), err)
	}
	return method{
		service: string(service.Name()), name: string(found.Name()),
		path:   fmt.Sprintf("/%s/%s", service.FullName(), found.Name()),
		answer: func() proto.Message { return answer.New().Interface() },
	}, nil
}
