package runid

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNewIDsAreValidAndDiffer(t *testing.T) {
	first, second := New(), New()
	if first == second {
		t.Errorf("New gave %q twice", first)
	}
	for _, id := range []string{first, second} {
		if err := Check(id); err != nil {
			t.Error(err)
		}
	}
	for _, id := range []string{"", "abc", "bcdfg*", "bcdfgA", first + "x"} {
		if Check(id) == nil {
			t.Errorf("Check(%q) accepts it", id)
		}
	}
}

func TestNamesOfARunAreKnownByItAlone(t *testing.T) {
	name := Name("of-an-attached-volume", "bcdfgh")
	if !In(name, "bcdfgh") || !In(name+"-image", "bcdfgh") {
		t.Errorf("%q is not a name of its run", name)
	}
	if In(name, "bcdfgj") || In(name, "") || In("bcdfgh", "bcdfgh") {
		t.Errorf("%q is a name of another run", name)
	}
}

func TestMarkKeepsOtherLabels(t *testing.T) {
	object := &metav1.ObjectMeta{Labels: map[string]string{"app": "store"}}
	Mark(object, "bcdfgh")
	if Of(object) != "bcdfgh" || object.Labels["app"] != "store" {
		t.Errorf("labels are %v", object.Labels)
	}
	bare := &metav1.ObjectMeta{}
	if Mark(bare, ""); bare.Labels != nil {
		t.Errorf("an object of no run has labels %v", bare.Labels)
	}
}
