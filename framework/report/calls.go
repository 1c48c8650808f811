package report

import (
	"encoding/json"
	"slices"
	"strings"
)

// idle are CSI methods that ask for no work. How long they take says nothing.
var idle = []string{"Probe", "GetPluginInfo", "GetPluginCapabilities", "ControllerGetCapabilities",
	"NodeGetCapabilities", "NodeGetInfo", "GetCapacity"}

// callDurations takes from the driver's logs, by "pod/container", how long each
// CSI method took. Lines of another form are passed over: a driver that does not
// log its calls has none.
func callDurations(logs map[string][]byte) durations {
	found := durations{}
	for _, log := range logs {
		for line := range strings.Lines(string(log)) {
			if method, seconds, ok := finishedCall(line); ok && !slices.Contains(idle, method) {
				found[method] = append(found[method], seconds)
			}
		}
	}
	return found
}

// finishedCall reads a line of the driver's log about a CSI call that succeeded.
func finishedCall(line string) (method string, seconds float64, ok bool) {
	var call struct {
		Message string   `json:"msg"`
		Method  string   `json:"method"`
		Code    string   `json:"code"`
		Seconds *float64 `json:"seconds"`
	}
	if !strings.Contains(line, `"CSI call"`) || json.Unmarshal([]byte(line), &call) != nil {
		return "", 0, false
	}
	if call.Method == "" || call.Code != "OK" || call.Seconds == nil {
		return "", 0, false
	}
	return call.Method, *call.Seconds, true
}
