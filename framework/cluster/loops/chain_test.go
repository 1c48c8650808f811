package loops

import (
	"slices"
	"testing"
)

// The pool is a file of the cluster; two volumes lie on the file system that is
// mounted from the pool's device; the kubelet laid a device over one of them.
// Another program's pool and volume look the same but stand on another file.
func TestLoopChainDetachesTopDown(t *testing.T) {
	const disk, kubeletDev = 0xfd00, 6
	pool := loop{path: "pool", device: 0x702, backingFS: disk, backingInode: 100}
	volume := loop{path: "volume", device: 0x703, backingFS: 0x702, backingInode: 7}
	block := loop{path: "block", device: 0x701, backingFS: 0x702, backingInode: 8}
	raw := loop{path: "raw", device: 0x700, backingFS: kubeletDev, backingInode: 97, backingDevice: 0x701}
	foreignPool := loop{path: "foreign pool", device: 0x708, backingFS: disk, backingInode: 200}
	foreign := loop{path: "foreign", device: 0x709, backingFS: 0x708, backingInode: 7}
	mine := map[fileID]bool{{disk, 100}: true}

	all := []loop{pool, volume, block, raw, foreignPool, foreign}
	for range all { // the order of discovery must not matter
		all = append(all[1:], all[0])
		var order []string
		for _, l := range loopChain(all, mine) {
			order = append(order, l.path)
		}
		if len(order) != 4 {
			t.Fatalf("detaches %v, want exactly raw, block, volume, pool", order)
		}
		if order[3] != "pool" || slices.Index(order, "raw") > slices.Index(order, "block") {
			t.Fatalf("detaches %v: something goes before what stands on it", order)
		}
	}
}

func TestLoopChainOfNothing(t *testing.T) {
	loops := []loop{{path: "a", device: 0x700, backingFS: 1, backingInode: 1}}
	if got := loopChain(loops, nil); len(got) != 0 {
		t.Fatalf("detaches %v without any file of the cluster", got)
	}
}
