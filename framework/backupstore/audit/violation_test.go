package audit

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/pierrec/lz4/v4"
)

// wantViolations compares everything but the words, which must be there.
func wantViolations(t *testing.T, result *Result, want ...Violation) {
	t.Helper()
	slices.SortFunc(want, Violation.compare)
	if diff := cmp.Diff(want, result.Violations, cmpopts.IgnoreFields(Violation{}, "Text"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("violations (-want +got):\n%s\n%v", diff, result.Err())
	}
	for _, v := range result.Violations {
		if !strings.Contains(v.Text, " ") || !strings.Contains(v.Error(), v.Object) {
			t.Errorf("%s is not explained: %s", v.Kind, v.Error())
		}
	}
	if (result.Err() == nil) != (len(want) == 0) {
		t.Errorf("Err = %v for %d violations", result.Err(), len(want))
	}
}

// bad is a store that is damaged by a test.
type bad struct {
	t   *testing.T
	dir string
}

func (b bad) path(key string) string { return filepath.Join(b.dir, filepath.FromSlash(key)) }

func (b bad) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b bad) write(key string, content []byte) {
	b.t.Helper()
	b.check(os.MkdirAll(filepath.Dir(b.path(key)), 0o755))
	b.check(os.WriteFile(b.path(key), content, 0o644))
}

func (b bad) read(key string) []byte {
	b.t.Helper()
	content, err := os.ReadFile(b.path(key))
	b.check(err)
	return content
}

func (b bad) remove(key string) { b.t.Helper(); b.check(os.Remove(b.path(key))) }

func (b bad) move(from, to string) {
	b.t.Helper()
	content := b.read(from)
	b.remove(from)
	b.write(to, content)
}

// edit changes a cfg as a JSON object, not through the auditor's own types.
func (b bad) edit(key string, change func(config map[string]any)) {
	b.t.Helper()
	config := map[string]any{}
	b.check(json.Unmarshal(b.read(key), &config))
	change(config)
	text, err := json.Marshal(config)
	b.check(err)
	b.write(key, text)
}

// lock leaves a lock that was refreshed some time ago.
func (b bad) lock(volume string, age time.Duration) {
	b.t.Helper()
	key := lockOf(volume)
	b.write(key, []byte(`{"Name":"lock-0123456789abcdef","Type":1,"Acquired":true}`))
	then := time.Now().Add(-age)
	b.check(os.Chtimes(b.path(key), then, then))
}

func lockOf(volume string) string { return folderOf(volume).path + "locks/lock-0123456789abcdef.lck" }

// blockKey is where a block of the test data lies.
func blockKey(v volume, number uint64) string { return folderOf(v.name).block(sumOf(v, number)) }

func asLZ4(content []byte) []byte {
	var out bytes.Buffer
	w := lz4.NewWriter(&out)
	_, _ = w.Write(content) // into memory
	_ = w.Close()
	return out.Bytes()
}

func asGzip(content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(content) // into memory
	_ = w.Close()
	return out.Bytes()
}
