package evidence

import (
	"bytes"
	"strings"
	"testing"
)

func TestCallsOfTheSpecAreKept(t *testing.T) {
	log := `{"msg":"CSI call","method":"CreateSnapshot","id":"pvc-1"}
{"msg":"CSI call","method":"CreateSnapshot","id":"pvc-2"}
{"msg":"reconciled","volume":"pvc-1"}
GRPC call" method="/csi.v1.Controller/DeleteVolume" request="pvc-1"
`
	var calls bytes.Buffer
	appendCalls(&calls, "driver", []byte(log), []string{"pvc-1"})
	lines := strings.Split(strings.TrimSpace(calls.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "CreateSnapshot") || !strings.Contains(lines[1], "DeleteVolume") {
		t.Errorf("calls are %q, want the two about pvc-1", lines)
	}
}
