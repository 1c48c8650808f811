package handle_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-csi/muster/driver/handle"
)

func TestFormat(t *testing.T) {
	cases := map[string]struct {
		handle handle.Handle
		want   string
	}{
		"H-01 snap": {handle.NewSnap("vol", "snapshot-1"), "snap://vol/snapshot-1"},
		"H-02 bak":  {handle.NewBak("vol", "backup-0123456789abcdef"), "bak://vol/backup-0123456789abcdef"},
		"H-04 bi": {handle.NewExport("img", "vol", "raw"),
			"bi://backing?backingImage=img&backingImageDataSourceType=export-from-volume&export-type=raw&volume-name=vol"},
	}
	for name, c := range cases {
		if got := c.handle.String(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestParseAccepts(t *testing.T) {
	cases := map[string]struct {
		text    string
		lenient handle.Leniency
		want    handle.Handle
	}{
		"snap":                     {"snap://v/s", handle.Leniency{}, handle.NewSnap("v", "s")},
		"H-21 legacy is bak":       {"bs://v/b", handle.Leniency{}, handle.NewBak("v", "b")},
		"H-14 quirk":               {"snap:///s", handle.Leniency{EmptyVolume: true}, handle.NewSnap("", "s")},
		"H-15 quirk, path":         {"snap://v/s/extra", handle.Leniency{Tail: true}, handle.NewSnap("v", "s")},
		"H-15 quirk, separator":    {"snap://v/s://x/y", handle.Leniency{Tail: true}, handle.NewSnap("v", "s")},
		"bi, documented key order": {"bi://backing?backingImageDataSourceType=download&backingImage=b&url=https%3A%2F%2Fh%2Fa", handle.Leniency{}, image("b", "download", "url", "https://h/a")},
		"H-23 host ignored":        {"bi://x/any/path?backingImage=b&backingImageDataSourceType=upload", handle.Leniency{}, image("b", "upload")},
		"H-24 first wins":          {"bi://backing?backingImage=b&backingImage=c&backingImageDataSourceType=upload", handle.Leniency{}, image("b", "upload")},
		"H-25 unescaped URL":       {"bi://backing?backingImage=b&backingImageDataSourceType=download&url=https://h/a?b=1&c=2", handle.Leniency{}, image("b", "download", "url", "https://h/a?b=1", "c", "2")},
		"H-26 bad escape dropped":  {"bi://backing?backingImage=b&backingImageDataSourceType=download&url=%zz", handle.Leniency{}, image("b", "download")},
	}
	for name, c := range cases {
		got, err := handle.Parse(c.text, c.lenient)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	emptyType := "invalid CSI snapshot type: . Must be snap, bak or bi"
	cases := []struct {
		text     string
		reason   handle.Reason
		fragment string
	}{
		{"", handle.BadType, emptyType}, // H-10
		{"backup-1", handle.BadType, emptyType},
		{"vol/backup-1", handle.BadType, emptyType},
		{"bi:backing?x", handle.BadType, emptyType},
		{"snap://vol", handle.BadType, emptyType}, // H-11
		{"foo://vol", handle.BadType, emptyType},
		{"BI://backing?backingImage=x", handle.BadType, emptyType},
		{"SNAP://v/s", handle.BadType, "invalid CSI snapshot type: SNAP."}, // H-12
		{"foo://v/x", handle.BadType, "invalid CSI snapshot type: foo."},
		{"snap://vol/", handle.NotFound, "volume source snapshot snap://vol/ is not found"}, // H-13
		{"bak://vol/", handle.NotFound, "volume source snapshot bak://vol/ is not found"},
		{"snap:///snap-1", handle.Malformed, "volume's name is empty"}, // H-14
		{"snap://v/s/extra", handle.Malformed, "follows"},              // H-15
		{"snap://v/s://x/y", handle.Malformed, "follows"},
		{"bi://", handle.BadImage, "invalid CSI snapshotHandle bi:// for backing image"}, // H-22
		{"bi://backing", handle.BadImage, "for backing image"},
		{"bi://backing?backingImage=x", handle.BadImage, "for backing image"},
		{"bi://back ing?backingImage=x&backingImageDataSourceType=upload", handle.BadImage, "for backing image"},
		{"bi://backing?backingImage=x;backingImageDataSourceType=upload", handle.BadImage, "for backing image"},
		{"bi://backing#?backingImage=x&backingImageDataSourceType=upload", handle.BadImage, "for backing image"},
	}
	for _, c := range cases {
		_, err := handle.Parse(c.text, handle.Leniency{})
		var refused *handle.Error
		if !errors.As(err, &refused) {
			t.Errorf("%q: got %v, want a handle error", c.text, err)
			continue
		}
		if refused.Reason != c.reason || !strings.Contains(err.Error(), c.fragment) {
			t.Errorf("%q: got reason %d %q, want %d %q", c.text, refused.Reason, err, c.reason, c.fragment)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z0-9][a-z0-9.-]{0,40}`)
		value := rapid.StringN(1, 20, 40)
		var want handle.Handle
		switch rapid.IntRange(0, 2).Draw(t, "type") {
		case 0:
			want = handle.NewSnap(name.Draw(t, "volume"), name.Draw(t, "snapshot"))
		case 1:
			want = handle.NewBak(name.Draw(t, "volume"), name.Draw(t, "backup"))
		default:
			want = handle.NewExport(name.Draw(t, "image"), value.Draw(t, "volume"), value.Draw(t, "export type"))
		}
		got, err := handle.Parse(want.String(), handle.Leniency{})
		if err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s: %s", want, diff)
		}
	})
}

func image(name, source string, parameters ...string) handle.Handle {
	h := handle.Handle{Type: handle.Bi, Image: handle.Image{Name: name, SourceType: source}}
	for i := 0; i < len(parameters); i += 2 {
		if h.Image.Parameters == nil {
			h.Image.Parameters = map[string]string{}
		}
		h.Image.Parameters[parameters[i]] = parameters[i+1]
	}
	return h
}
