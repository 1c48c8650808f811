package shards

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/muster-csi/muster/framework/harness"
)

// Line is one line of a pod's log: a finished spec, or the result at the end.
type Line struct {
	Spec   *harness.Finished `json:"spec,omitempty"`
	Result *Result           `json:"result,omitempty"`
}

// Result describes the file with a shard's result.
type Result struct {
	// Bytes is its size, SHA256 its checksum in hexadecimal digits.
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// Interrupted is set when the specs were stopped before all of them had run.
	Interrupted bool `json:"interrupted,omitempty"`
}

// Write writes the line as JSON.
func (l Line) Write(to io.Writer) error {
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode a line of the log: %w", err)
	}
	_, err = to.Write(append(text, '\n'))
	return err
}

// parseLine reads a line; what is none is nothing, since anybody may write into a log.
func parseLine(text []byte) Line {
	var line Line
	if json.Unmarshal(text, &line) != nil {
		return Line{}
	}
	return line
}
