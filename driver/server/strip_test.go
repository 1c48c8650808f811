package server

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestLogNamesTheCallAndHidesSecrets(t *testing.T) {
	var out bytes.Buffer
	intercept := logCalls(slog.New(slog.NewTextHandler(&out, nil)))
	request := &csi.CreateSnapshotRequest{
		Name: "snapshot-1", SourceVolumeId: "vol", Secrets: map[string]string{"key": "hunter2"}, Parameters: map[string]string{"type": "snap"},
	}
	_, err := intercept(t.Context(), request, &grpc.UnaryServerInfo{FullMethod: "/csi.v1.Controller/CreateSnapshot"},
		func(context.Context, any) (any, error) {
			return nil, status.Error(codes.NotFound, "volume vol not found")
		})
	if status.Code(err) != codes.NotFound {
		t.Fatalf("the interceptor changed the code: %v", err)
	}
	line := out.String()
	for _, want := range []string{"method=CreateSnapshot", "id=snapshot-1", "code=NotFound", "seconds=", "volume vol not found", "snap"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is missing in %s", want, line)
		}
	}
	if strings.Contains(line, "hunter2") {
		t.Errorf("a secret is logged: %s", line)
	}
	if request.GetSecrets()["key"] != "hunter2" {
		t.Error("the request itself lost its secrets")
	}
}
