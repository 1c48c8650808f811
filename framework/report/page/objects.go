package page

import (
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// object is what the page reads of one object in objects.yaml.
type object struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name              string     `json:"name"`
		Namespace         string     `json:"namespace"`
		CreationTimestamp time.Time  `json:"creationTimestamp"`
		DeletionTimestamp *time.Time `json:"deletionTimestamp"`
	} `json:"metadata"`
	Status struct {
		Error      any         `json:"error"`
		Phase      string      `json:"phase"`
		State      string      `json:"state"`
		ReadyToUse *bool       `json:"readyToUse"`
		Conditions []condition `json:"conditions"`
	} `json:"status"`
}

// condition is one of an object's conditions; the time may be missing.
type condition struct {
	Type               string `json:"type"`
	Status             string `json:"status"`
	Reason             string `json:"reason"`
	Message            string `json:"message"`
	LastTransitionTime string `json:"lastTransitionTime"`
}

// inTheEnd says how the object was when the evidence was collected, "" when it has no word for it.
func (o object) inTheEnd() string {
	switch {
	case o.Status.Phase != "":
		return ", in the end " + o.Status.Phase
	case o.Status.ReadyToUse != nil && *o.Status.ReadyToUse:
		return ", in the end ready to use"
	case o.Status.ReadyToUse != nil:
		return ", in the end not ready to use"
	case o.Status.State != "":
		return ", in the end " + o.Status.State
	}
	return ""
}

// readObjects reads objects.yaml. What cannot be read is passed over.
func readObjects(text string) []object {
	var all []object
	for _, part := range strings.Split("\n"+text, "\n---\n") {
		var o object
		if yaml.Unmarshal([]byte(part), &o) == nil && o.Metadata.Name != "" {
			all = append(all, o)
		}
	}
	return all
}

// objectEntries are when objects were made, became what their conditions say and were
// marked for removal, and the errors that their status names.
func objectEntries(objects []object) []entry {
	var all []entry
	for _, o := range objects {
		who := o.Kind + "/" + o.Metadata.Name
		all = append(all, entry{Time: o.Metadata.CreationTimestamp, Kind: kindObject, Who: who, Text: "created" + o.inTheEnd()})
		all = append(all, o.changes(who)...)
		if o.Metadata.DeletionTimestamp != nil {
			all = append(all, entry{Time: *o.Metadata.DeletionTimestamp, Kind: kindObject, Who: who, Text: "marked for removal, still there at the end"})
		}
		if fault, ok := o.Status.Error.(map[string]any); ok {
			text, _ := fault["message"].(string)
			stamp, _ := fault["time"].(string)
			if at, err := time.Parse(time.RFC3339, stamp); err == nil && text != "" {
				all = append(all, entry{Time: at, Kind: kindObject, Who: who, Text: "error in its status: " + text, Bad: true})
			}
		}
	}
	return all
}

// changes are when the object's conditions became what they are.
func (o object) changes(who string) []entry {
	var all []entry
	for _, c := range o.Status.Conditions {
		at, err := time.Parse(time.RFC3339, c.LastTransitionTime)
		if err != nil || at.Equal(o.Metadata.CreationTimestamp) {
			continue // so it began
		}
		text := strings.TrimSpace(c.Type + " " + c.Status + " " + c.Reason)
		if c.Message != "" {
			text += ": " + c.Message
		}
		all = append(all, entry{Time: at, Kind: kindObject, Who: who, Text: text})
	}
	return all
}
