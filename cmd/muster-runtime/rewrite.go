package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// resource is the capability that cannot be had, as the OCI runtime
// specification writes it.
const resource = "CAP_SYS_RESOURCE"

// rewrite takes what needs the capability out of a file: of a whole bundle's
// configuration, or of one process. Everything else stays, also what this
// program does not know.
func rewrite(file string, isBundle bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read what is to be run: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // a float would round large ids
	var described map[string]any
	if err := decoder.Decode(&described); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	process := described
	if isBundle {
		process, _ = described["process"].(map[string]any)
	}
	without(process)
	if text, err = json.Marshal(described); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return replace(file, text)
}

// without removes the capability from all sets, the resource limits, which may
// lie above what this process has, and the OOM score, which may lie below.
func without(process map[string]any) {
	sets, _ := process["capabilities"].(map[string]any)
	for name, set := range sets {
		if list, ok := set.([]any); ok {
			sets[name] = slices.DeleteFunc(list, func(c any) bool { return c == resource })
		}
	}
	delete(process, "rlimits")
	delete(process, "oomScoreAdj")
}

// replace writes a file anew as a whole, with the rights it had.
func replace(file string, text []byte) error {
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("replace %s: %w", file, err)
	}
	temp := file + ".muster"
	if err := os.WriteFile(temp, text, info.Mode().Perm()); err != nil {
		return fmt.Errorf("replace %s: %w", file, err)
	}
	if err := os.Rename(temp, file); err != nil {
		return fmt.Errorf("replace %s: %w", file, err)
	}
	return nil
}
