package server

import (
	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// stripped is the message as JSON without any field that the CSI specification
// marks as secret, at any depth.
func stripped(message proto.Message) string {
	if message == nil {
		return ""
	}
	safe := proto.Clone(message)
	clearSecrets(safe.ProtoReflect())
	text, err := protojson.Marshal(safe)
	if err != nil {
		return "unprintable: " + err.Error()
	}
	return string(text)
}

func clearSecrets(message protoreflect.Message) {
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		options, _ := field.Options().(*descriptorpb.FieldOptions)
		secret, _ := proto.GetExtension(options, csi.E_CsiSecret).(bool)
		switch {
		case secret:
			message.Clear(field)
		case field.IsMap():
			if field.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, item protoreflect.Value) bool {
					clearSecrets(item.Message())
					return true
				})
			}
		case field.Message() == nil:
		case field.IsList():
			for i := range value.List().Len() {
				clearSecrets(value.List().Get(i).Message())
			}
		default:
			clearSecrets(value.Message())
		}
		return true
	})
}
