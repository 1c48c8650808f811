package engine

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"
)

const historyBytes = 16 * blockBytes

// history runs random operations on an engine and on a model of it in memory.
type history struct {
	t         *testing.T
	e         *Engine
	next      int
	volumes   map[string][]byte
	snapshots map[string]map[string][]byte // by volume and name
}

func (h *history) fresh(prefix string) string {
	h.next++
	return fmt.Sprint(prefix, h.next)
}

func pick[V any](t *rapid.T, from map[string]V) string {
	if len(from) == 0 {
		t.Skip("nothing to pick")
	}
	names := make([]string, 0, len(from))
	for i := range 1000 { // in a stable order, so that a failure replays
		for _, prefix := range []string{"v", "s"} {
			if name := fmt.Sprint(prefix, i); contains(from, name) {
				names = append(names, name)
			}
		}
	}
	return rapid.SampledFrom(names).Draw(t, "name")
}

func contains[V any](in map[string]V, name string) bool {
	_, ok := in[name]
	return ok
}

func (h *history) create(t *rapid.T) {
	if len(h.volumes) >= 4 {
		t.Skip("enough volumes")
	}
	name := h.fresh("v")
	must(h.t, h.e.CreateVolume(h.t.Context(), name, historyBytes))
	h.volumes[name], h.snapshots[name] = make([]byte, historyBytes), map[string][]byte{}
}

func (h *history) write(t *rapid.T) {
	name := pick(t, h.volumes)
	start := rapid.IntRange(0, historyBytes-1).Draw(t, "start")
	end := rapid.IntRange(start+1, historyBytes).Draw(t, "end")
	data := pattern(uint64(rapid.IntRange(1, 1000).Draw(t, "seed")), end-start)
	writeHead(h.t, h.e, name, int64(start), data)
	h.volumes[name] = bytes.Clone(h.volumes[name])
	copy(h.volumes[name][start:], data)
}

func (h *history) snapshot(t *rapid.T) {
	volume, name := pick(t, h.volumes), h.fresh("s")
	_, err := h.e.CreateSnapshot(h.t.Context(), volume, name)
	must(h.t, err)
	h.snapshots[volume][name] = h.volumes[volume]
}

func (h *history) restore(t *rapid.T) {
	volume := pick(t, h.volumes)
	name, from, content := h.fresh("v"), Source{Volume: volume}, h.volumes[volume]
	if rapid.Bool().Draw(t, "from a snapshot") {
		from.Snapshot = pick(t, h.snapshots[volume])
		content = h.snapshots[volume][from.Snapshot]
	}
	size := max(len(content), len(h.volumes[volume]))
	must(h.t, h.e.CloneVolume(h.t.Context(), name, int64(size), from))
	h.volumes[name] = append(bytes.Clone(content), make([]byte, size-len(content))...)
	h.snapshots[name] = map[string][]byte{}
}

func (h *history) expand(t *rapid.T) {
	name := pick(t, h.volumes)
	if len(h.volumes[name]) > 2*historyBytes {
		t.Skip("large enough")
	}
	h.volumes[name] = append(bytes.Clone(h.volumes[name]), make([]byte, blockBytes)...)
	must(h.t, h.e.ExpandVolume(h.t.Context(), name, int64(len(h.volumes[name]))))
}

func (h *history) deleteSnapshot(t *rapid.T) {
	volume := pick(t, h.volumes)
	name := pick(t, h.snapshots[volume])
	must(h.t, h.e.DeleteSnapshot(h.t.Context(), volume, name))
	delete(h.snapshots[volume], name)
}

func (h *history) deleteVolume(t *rapid.T) {
	name := pick(t, h.volumes)
	must(h.t, h.e.DeleteVolume(h.t.Context(), name))
	delete(h.volumes, name)
	delete(h.snapshots, name)
}

// delta checks that a delta applied to the older snapshot gives the newer one.
func (h *history) delta(t *rapid.T) {
	volume := pick(t, h.volumes)
	from, to := pick(t, h.snapshots[volume]), pick(t, h.snapshots[volume])
	extents, err := h.e.Delta(h.t.Context(), volume, from, to)
	must(h.t, err)
	older, newer := h.snapshots[volume][from], h.snapshots[volume][to]
	got := make([]byte, len(newer))
	copy(got, older)
	for _, extent := range extents {
		copy(got[extent.Offset:extent.Offset+extent.Length], newer[extent.Offset:])
	}
	if !bytes.Equal(got, newer) {
		t.Fatalf("delta %v from %s to %s of %s misses a change", extents, from, to, volume)
	}
}

// check compares everything that exists with the model.
func (h *history) check(t *rapid.T) {
	names, err := h.e.Volumes()
	must(h.t, err)
	if len(names) != len(h.volumes) {
		t.Fatalf("volumes are %v, want %d", names, len(h.volumes))
	}
	for volume, want := range h.volumes {
		h.checkFile(t, h.e.headPath(volume), want)
		infos, err := h.e.Snapshots(volume)
		must(h.t, err)
		if len(infos) != len(h.snapshots[volume]) {
			t.Fatalf("snapshots of %s are %v, want %d", volume, infos, len(h.snapshots[volume]))
		}
		for name, want := range h.snapshots[volume] {
			h.checkFile(t, h.e.dataPath(volume, name), want)
		}
	}
}

func (h *history) checkFile(t *rapid.T, path string, want []byte) {
	got, err := os.ReadFile(path)
	must(h.t, err)
	if !bytes.Equal(got, want) {
		t.Fatalf("%s has not the content that was written", path)
	}
}

func TestRandomHistoriesMatchAModel(t *testing.T) {
	eachEngine(t, func(t *testing.T, e *Engine) {
		rapid.Check(t, func(rt *rapid.T) {
			h := &history{t: t, e: e, volumes: map[string][]byte{}, snapshots: map[string]map[string][]byte{}}
			rt.Repeat(map[string]func(*rapid.T){
				"": h.check, "create": h.create, "write": h.write, "snapshot": h.snapshot, "restore": h.restore,
				"expand": h.expand, "deleteSnapshot": h.deleteSnapshot, "deleteVolume": h.deleteVolume, "delta": h.delta,
			})
			for name := range h.volumes {
				must(t, e.DeleteVolume(t.Context(), name))
			}
		})
	})
}
