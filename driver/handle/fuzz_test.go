package handle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-csi/muster/driver/handle"
)

// FuzzParse holds that Parse never panics and that whatever it accepts
// survives being written and read again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "snap://v/s", "bak://v/b", "bs://v/b", "snap:///s", "snap://v/", "snap://v/s/extra", "snap://v/s://x/y",
		"bi://backing?backingImage=b&backingImageDataSourceType=download&url=https%3A%2F%2Fh%2Fa&backingImageChecksum=00",
		"bi://backing?backingImage=b&backingImageDataSourceType=export-from-volume&export-type=raw&volume-name=v",
		"bi://back ing?x", "bi://backing?backingImage=x;y", "foo://a/b", "SNAP://v/s", "://", "snap://%zz/%zz",
	} {
		f.Add(seed, false, false)
		f.Add(seed, true, true)
	}
	f.Fuzz(func(t *testing.T, text string, empty, tail bool) {
		lenient := handle.Leniency{EmptyVolume: empty, Tail: tail}
		first, err := handle.Parse(text, lenient)
		if err != nil {
			return
		}
		again, err := handle.Parse(first.String(), lenient)
		if err != nil {
			t.Fatalf("%q was accepted, its own form %q is not: %v", text, first, err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}
