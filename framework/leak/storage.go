package leak

import (
	"encoding/json"
	"fmt"
	"slices"
)

// StorageNames turns a node's inventory, as `muster-driver inventory` prints it, into one name for each thing it
// lists, such as "node n1: loops device=/dev/loop3". The loop device of the pool itself is left out: it belongs to the
// driver and no spec.
func StorageNames(node string, inventory []byte) ([]string, error) {
	var lists map[string]json.RawMessage
	if err := json.Unmarshal(inventory, &lists); err != nil {
		return nil, fmt.Errorf("inventory of node %s is not a JSON object: %w", node, err)
	}
	var names []string
	for key, text := range lists {
		var items []any
		if json.Unmarshal(text, &items) != nil {
			continue // a size or a path of the pool itself
		}
		for _, item := range items {
			if fields, ok := item.(map[string]any); ok && fields["pool"] == true {
				continue
			}
			names = append(names, fmt.Sprintf("node %s: %s %s", node, key, itemName(item)))
		}
	}
	slices.Sort(names)
	return names, nil
}

// itemName leaves out what changes while the thing stays the same, such as allocated bytes.
func itemName(item any) string {
	fields, ok := item.(map[string]any)
	if !ok {
		return fmt.Sprint(item)
	}
	var name string
	for _, key := range []string{"volume", "name", "path", "device", "target", "source", "backingFile"} {
		if value, ok := fields[key].(string); ok && value != "" {
			name += " " + key + "=" + value
		}
	}
	if name == "" {
		return fmt.Sprint(fields)
	}
	return name[1:]
}
