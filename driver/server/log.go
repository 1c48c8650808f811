package server

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// quiet are calls that the kubelet and the sidecars make all the time; only their failures are logged.
var quiet = map[string]bool{
	"/csi.v1.Identity/Probe":                       true,
	"/csi.v1.Node/NodeGetCapabilities":             true,
	"/csi.v1.Controller/GetCapacity":               true,
	"/csi.v1.Identity/GetPluginCapabilities":       true,
	"/csi.v1.Controller/ControllerGetCapabilities": true,
}

// logCalls logs each call once it has ended. The request is logged without its secrets.
func logCalls(log *slog.Logger) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		start := time.Now()
		response, err := next(ctx, request)
		code := status.Code(err)
		if code == codes.OK && quiet[info.FullMethod] {
			return response, err
		}
		message, _ := request.(proto.Message)
		fields := []any{
			"method", info.FullMethod[strings.LastIndex(info.FullMethod, "/")+1:],
			"id", identifier(request), "code", code.String(), "seconds", time.Since(start).Seconds(),
			"request", stripped(message),
		}
		if err != nil {
			log.Warn("CSI call failed", append(fields, "error", status.Convert(err).Message())...)
			return response, err
		}
		answer, _ := response.(proto.Message)
		log.Info("CSI call", append(fields, "response", stripped(answer))...)
		return response, nil
	}
}

// identifier is the name or id by which a person looks for the call.
func identifier(request any) string {
	if r, ok := request.(interface{ GetName() string }); ok && r.GetName() != "" {
		return r.GetName()
	}
	if r, ok := request.(interface{ GetSnapshotId() string }); ok && r.GetSnapshotId() != "" {
		return r.GetSnapshotId()
	}
	if r, ok := request.(interface{ GetVolumeId() string }); ok {
		return r.GetVolumeId()
	}
	return ""
}
