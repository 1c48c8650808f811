package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOperationsAreSummedUpByValuesThatWereMeasured(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	got := operations(durations{"CreateSnapshot": {0.30004, 0.1}}, durations{"restoring": hundred})
	want := []Operation{
		{Name: "CreateSnapshot", Source: FromCSI, Count: 2, P50Seconds: 0.1, P95Seconds: 0.3, MaxSeconds: 0.3},
		{Name: "restoring", Source: FromSteps, Count: 100, P50Seconds: 50, P95Seconds: 95, MaxSeconds: 100},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations differ:\n%s", diff)
	}
	if none := operations(nil, nil); none == nil || len(none) > 0 {
		t.Errorf("operations of nothing are %v, want an empty list", none)
	}
}

func TestCallsThatDidNoWorkOrFailedAreNotMeasured(t *testing.T) {
	log := `{"msg":"CSI call","method":"CreateSnapshot","code":"OK","seconds":0.25,"request":"{}"}
{"msg":"CSI call","method":"CreateSnapshot","code":"Internal","seconds":9}
{"msg":"CSI call failed","method":"CreateSnapshot","code":"Internal","seconds":9}
{"msg":"CSI call","method":"Probe","code":"OK","seconds":9}
{"msg":"CSI call","method":"NodeGetInfo","code":"OK","seconds":9}
{"msg":"reconciled \"CSI call\"","method":"CreateSnapshot"}
I1124 17:03:18.234552       1 connection.go:250] "GRPC call" method="/csi.v1.Controller/CreateSnapshot"
{"msg":"CSI call","method":"CreateSnapshot","code":"OK","seconds":0.`
	got := callDurations(map[string][]byte{"pod/driver": []byte(log), "pod/other": []byte("the log cannot be read\n")})
	if diff := cmp.Diff(durations{"CreateSnapshot": {0.25}}, got); diff != "" {
		t.Errorf("measured calls:\n%s", diff)
	}
}
