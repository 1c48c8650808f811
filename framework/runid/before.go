package runid

import (
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Record notes in an object of somebody else what it holds before the run changes it, so that it can be
// put back also after the run was killed. The caller stores the object. It returns false when the run has
// noted something there already, which stays; what another run has noted is an error. Without an id nothing is noted.
func Record(object metav1.Object, id string, held any) (first bool, err error) {
	other := Of(object)
	_, noted := object.GetAnnotations()[Before]
	if noted && other != id {
		return false, fmt.Errorf("%s is being changed by run %s: wait for that run, or end what it has left with: muster clean --run %s", object.GetName(), other, other)
	}
	if noted || id == "" {
		return false, nil
	}
	text, err := json.Marshal(held)
	if err != nil {
		return false, fmt.Errorf("note what %s holds: %w", object.GetName(), err)
	}
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[Before] = string(text)
	object.SetAnnotations(annotations)
	Mark(object, id)
	return true, nil
}

// Held reads what Record has noted; false when nothing is.
func Held(object metav1.Object, held any) (bool, error) {
	text, noted := object.GetAnnotations()[Before]
	if !noted {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), held); err != nil {
		return false, fmt.Errorf("annotation %s of %s cannot be read, put the object back by hand: %w", Before, object.GetName(), err)
	}
	return true, nil
}

// Forget removes from an object what Record has put there. The caller stores the object.
func Forget(object metav1.Object) {
	labels, annotations := object.GetLabels(), object.GetAnnotations()
	delete(labels, Label)
	delete(annotations, Before)
	object.SetLabels(labels)
	object.SetAnnotations(annotations)
}
