package s3front

import (
	"net/http"
	"testing"
	"time"
)

func TestAgedObjectsLookOld(t *testing.T) {
	r := newRig(t)
	if err := r.put(t.Context(), blockKey, content(10)); err != nil {
		t.Fatal(err)
	}
	modifiedAt := func(key string) time.Time {
		response, err := r.once(t.Context(), http.MethodHead, key, nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		at, err := http.ParseTime(response.Header.Get(modified))
		if err != nil {
			t.Fatalf("the answer's date: %v", err)
		}
		return at
	}
	before := modifiedAt(blockKey)
	r.set(t, Fault{Kind: Aged, Method: http.MethodHead, Key: blockKey})
	if got := modifiedAt(blockKey); !got.Equal(before.Add(-age)) {
		t.Errorf("modified at %s, want %s before %s", got, age, before)
	}
	r.clear(t)
	if got := modifiedAt(blockKey); !got.Equal(before) {
		t.Errorf("modified at %s after the fault, want %s", got, before)
	}
}
