package imageserver

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/muster-csi/muster/internal/pattern"
)

// reader reads a qcow2 file by nothing but the format's description and counts
// how often each cluster of the file is used.
type reader struct {
	t    *testing.T
	file []byte
	h    header
	used map[uint64]int
}

func newReader(t *testing.T, file []byte) *reader {
	t.Helper()
	r := &reader{t: t, file: file, used: map[uint64]int{}}
	if _, err := binary.Decode(file, binary.BigEndian, &r.h); err != nil {
		t.Fatal(err)
	}
	if string(file[:4]) != "QFI\xfb" || r.h.Version != 3 || r.h.ClusterBits != 16 || r.h.RefcountOrder != 4 || r.h.Length != 104 {
		t.Fatalf("header %+v", r.h)
	}
	if len(file)%clusterSize != 0 {
		t.Errorf("the file has %d bytes, no whole clusters", len(file))
	}
	r.use(0)
	return r
}

// use notes that the cluster at that offset is used.
func (r *reader) use(offset uint64) {
	r.t.Helper()
	if offset%clusterSize != 0 || offset >= uint64(len(r.file)) {
		r.t.Fatalf("offset %d is not that of a cluster of the file, which has %d bytes", offset, len(r.file))
	}
	r.used[offset/clusterSize]++
}

func (r *reader) number(at uint64) uint64 { return binary.BigEndian.Uint64(r.file[at:]) }

// entry returns the offset in a table's entry, and whether there is one.
func (r *reader) entry(at uint64) (offset uint64, allocated bool) {
	r.t.Helper()
	entry := r.number(at)
	if entry != 0 && entry>>63 != 1 {
		r.t.Fatalf("entry %#x at %d is not marked as the only reference", entry, at)
	}
	return entry &^ (1 << 63), entry != 0
}

// content walks the tables and yields each cluster of the guest, nil for one that is not there.
func (r *reader) content(yield func(cluster []byte)) {
	r.t.Helper()
	total := (r.h.Size + clusterSize - 1) / clusterSize
	if uint64(r.h.L1Entries) != (total+8191)/8192 {
		r.t.Fatalf("%d entries in L1 for %d clusters", r.h.L1Entries, total)
	}
	for offset := r.h.L1Offset; offset < r.h.L1Offset+8*uint64(r.h.L1Entries); offset += clusterSize {
		r.use(offset)
	}
	for index := range total {
		table, allocated := r.entry(r.h.L1Offset + 8*(index/8192))
		if allocated && index%8192 == 0 {
			r.use(table)
		}
		if !allocated {
			yield(nil)
			continue
		}
		data, allocated := r.entry(table + 8*(index%8192))
		if !allocated {
			yield(nil)
			continue
		}
		if r.h.Incompatible&4 == 0 {
			r.use(data)
			yield(r.file[data : data+clusterSize])
		} else if data != index*clusterSize {
			r.t.Errorf("cluster %d is at %d of the data file", index, data)
		}
	}
}

// refcounts compares what the file counts with what is used.
func (r *reader) refcounts() {
	r.t.Helper()
	for n := range uint64(r.h.RefcountsClusters) {
		r.use(r.h.RefcountsOffset + n*clusterSize)
	}
	counted := map[uint64]int{}
	for n := range uint64(r.h.RefcountsClusters) * 8192 {
		block := r.number(r.h.RefcountsOffset + 8*n)
		if block == 0 {
			continue
		}
		r.use(block)
		for i := range uint64(32768) {
			if count := binary.BigEndian.Uint16(r.file[block+2*i:]); count != 0 {
				counted[n*32768+i] = int(count)
			}
		}
	}
	for cluster := range uint64(len(r.file) / clusterSize) {
		if counted[cluster] != 1 || r.used[cluster] != 1 {
			r.t.Errorf("cluster %d is counted %d times and used %d times, want once each", cluster, counted[cluster], r.used[cluster])
		}
		delete(counted, cluster)
	}
	if len(counted) != 0 {
		r.t.Errorf("%d clusters after the file's end are counted", len(counted))
	}
}

// extensions returns the header's extensions by kind.
func (r *reader) extensions() map[uint32]string {
	found := map[uint32]string{}
	for at := r.h.Length; ; {
		kind, length := binary.BigEndian.Uint32(r.file[at:]), binary.BigEndian.Uint32(r.file[at+4:])
		if kind == 0 {
			return found
		}
		found[kind] = string(r.file[at+8 : at+8+length])
		at += 8 + (length+7)/8*8
	}
}

func TestQCOW2HoldsItsContent(t *testing.T) {
	zeros := make([]byte, clusterSize)
	for _, name := range []string{Sparse, RawQCOW2(1, 5), RawQCOW2(9, 2), OddQCOW2(4)} {
		t.Run(name, func(t *testing.T) {
			i, err := parse(name)
			if err != nil {
				t.Fatal(err)
			}
			r, sum, data := newReader(t, want(t, name)), sha256.New(), 0
			left := i.content.size
			r.content(func(cluster []byte) {
				if cluster == nil {
					cluster = zeros
				} else {
					data++
				}
				sum.Write(cluster[:min(left, clusterSize)])
				left -= clusterSize
			})
			r.refcounts()
			shown := sha256.New()
			if err := i.content.write(t.Context(), shown); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(sum.Sum(nil), shown.Sum(nil)) || r.h.Size != uint64(i.content.size) {
				t.Errorf("%d bytes of another content than wanted, which has %d", r.h.Size, i.content.size)
			}
			if name == Sparse && (data != 17 || r.h.Size != 1<<30 || len(r.file) > 2<<20) {
				t.Errorf("%d clusters of data, virtually %d bytes in a file of %d", data, r.h.Size, len(r.file))
			}
			if r.h.Incompatible != 0 || r.h.BackingOffset != 0 || len(r.extensions()) != 0 {
				t.Errorf("header %+v with extensions %v", r.h, r.extensions())
			}
		})
	}
}

// One block of refcounts is enough for 2 GiB, its own cluster and the other tables' included.
func TestLayoutCountsItself(t *testing.T) {
	for clusters := int64(32750); clusters < 32775; clusters++ {
		l := newLayout(image{content: content{size: clusters * clusterSize, holds: everything}})
		if blocks := up(l.data.end(), 32768); l.refcountBlocks.count != blocks || l.refcounts.count != 1 || l.data.count != clusters || l.l2.count != up(clusters, 8192) {
			t.Errorf("%d clusters of data: layout %+v, want %d blocks of refcounts", clusters, l, blocks)
		}
	}
}

func TestImagesNameOtherFiles(t *testing.T) {
	r := newReader(t, want(t, Backing))
	at := r.h.BackingOffset
	if name := string(r.file[at : at+uint64(r.h.BackingSize)]); name != "/etc/passwd" || r.h.Incompatible != 0 {
		t.Errorf("backing file %q, features %#x", name, r.h.Incompatible)
	}
	if format := r.extensions()[0xe2792aca]; format != "raw" {
		t.Errorf("the backing file's format is %q", format)
	}
	r.content(func(cluster []byte) {
		if cluster != nil {
			t.Error("there are data in front of the backing file's")
		}
	})
	r.refcounts()

	r = newReader(t, want(t, DataFile))
	if name := r.extensions()[0x44415441]; name != "/etc/passwd" || r.h.Incompatible != 4 || r.h.BackingSize != 0 {
		t.Errorf("data file %q, features %#x", name, r.h.Incompatible)
	}
	r.content(func([]byte) {})
	r.refcounts()
}

// qemu runs qemu-img, or skips the test where there is none.
func qemu(t *testing.T, args ...string) []byte {
	t.Helper()
	program, err := exec.LookPath("qemu-img")
	if err != nil {
		t.Skip("qemu-img is not installed: install qemu-utils to have its opinion too")
	}
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Errorf("qemu-img %v: %v: %s", args, err, out)
	}
	return out
}

func TestQEMUReadsTheImages(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{Sparse, RawQCOW2(9, 2), OddQCOW2(4), Backing, DataFile} {
		path, raw := filepath.Join(dir, name), filepath.Join(dir, name+".raw")
		if err := os.WriteFile(path, want(t, name), 0o600); err != nil {
			t.Fatal(err)
		}
		var check struct {
			CheckErrors int `json:"check-errors"`
			Leaks       int `json:"leaks"`
			Corruptions int `json:"corruptions"`
		}
		if err := json.Unmarshal(qemu(t, "check", "--output=json", "-f", "qcow2", path), &check); err != nil || check.CheckErrors+check.Leaks+check.Corruptions != 0 {
			t.Errorf("%s: %+v, %v", name, check, err)
		}
		qemu(t, "convert", "-f", "qcow2", "-O", "raw", path, raw)
		if sum, err := pattern.Sum(t.Context(), raw, pattern.Range{}); err != nil || sum != shown(t, name) {
			t.Errorf("%s: qemu-img shows another content, %s, %v", name, sum, err)
		}
	}
}

// shown is the SHA-256, in hex, of what an image shows to somebody who reads what it names.
func shown(t *testing.T, name string) string {
	t.Helper()
	i, err := parse(name)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	if i.backing+i.dataFile == "" {
		if err := i.content.write(t.Context(), sum); err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(sum.Sum(nil))
	}
	named, err := os.ReadFile(i.backing + i.dataFile)
	if err != nil {
		t.Fatal(err)
	}
	sum.Write(append(named, make([]byte, int(i.content.size)-len(named))...))
	return hex.EncodeToString(sum.Sum(nil))
}
