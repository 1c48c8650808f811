package runid

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestWhatWasNotedFirstIsPutBack(t *testing.T) {
	object := &metav1.ObjectMeta{Name: "backup-compression-method", Labels: map[string]string{"a": "b"}}
	for i, value := range []string{"lz4", "gzip"} {
		first, err := Record(object, "bcdfgh", value)
		if err != nil || first != (i == 0) {
			t.Errorf("Record %s = %t, %v", value, first, err)
		}
	}
	var held string
	if noted, err := Held(object, &held); !noted || err != nil || held != "lz4" {
		t.Errorf("Held = %q, %t, %v, want lz4", held, noted, err)
	}
	if _, err := Record(object, "zzzzzz", "none"); err == nil || !strings.Contains(err.Error(), "muster clean --run bcdfgh") {
		t.Errorf("Record of another run = %v, want an error that says how to end the first", err)
	}
	Forget(object)
	if noted, err := Held(object, &held); noted || err != nil || Of(object) != "" || object.Labels["a"] != "b" {
		t.Errorf("after Forget it is %v, %v, noted %t, %v", object.Labels, object.Annotations, noted, err)
	}
}

func TestWithoutARunNothingIsNoted(t *testing.T) {
	object := &metav1.ObjectMeta{Name: "x"}
	if first, err := Record(object, "", 1); first || err != nil || object.Annotations != nil {
		t.Errorf("Record = %t, %v, annotations %v", first, err, object.Annotations)
	}
}
