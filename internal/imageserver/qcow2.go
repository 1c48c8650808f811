package imageserver

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

// The format is that of QEMU's docs/interop/qcow2.txt: numbers are big-endian, a
// guest offset is looked up in the L1 table and then in an L2 table.
const (
	// copied marks an entry whose cluster has exactly one reference.
	copied = uint64(1) << 63
	// perL2 is how many clusters one L2 table maps.
	perL2 = clusterSize / 8
	// perRefcounts is how many clusters one refcount block counts, 16 bits each.
	perRefcounts = clusterSize / 2
)

// span is a run of clusters of the file.
type span struct{ first, count int64 }

// offset is where it begins, in bytes.
func (s span) offset() int64 { return s.first * clusterSize }

// end is the cluster after it.
func (s span) end() int64 { return s.first + s.count }

// layout says where in the file everything is. The header has cluster 0; what
// follows is in the order of the fields, and data come last.
type layout struct {
	refcounts, refcountBlocks, l1, l2, data span
	// l1Entries is how many the L1 table has.
	l1Entries int64
}

func newLayout(i image) layout {
	var tables, data int64
	last := int64(-1)
	for cluster := range i.content.data() {
		data++
		if cluster/perL2 != last {
			tables, last = tables+1, cluster/perL2
		}
	}
	if i.dataFile != "" {
		data = 0
	}
	entries := up(i.content.clusters(), perL2)
	l1 := up(entries, perL2)
	// Refcounts count the clusters that they take themselves.
	blocks, table := int64(1), int64(1)
	for {
		counted := 1 + table + blocks + l1 + tables + data
		if blocks*perRefcounts >= counted && table*perL2 >= blocks {
			break
		}
		blocks = up(counted, perRefcounts)
		table = up(blocks, perL2)
	}
	l := layout{l1Entries: entries, refcounts: span{1, table}}
	l.refcountBlocks = span{l.refcounts.end(), blocks}
	l.l1 = span{l.refcountBlocks.end(), l1}
	l.l2 = span{l.l1.end(), tables}
	l.data = span{l.l2.end(), data}
	return l
}

// up is how many pieces of that size are needed.
func up(number, size int64) int64 { return (number + size - 1) / size }

// writeQCOW2 writes the image as a qcow2 file, version 3, to w.
func writeQCOW2(ctx context.Context, w io.Writer, i image) error {
	l := newLayout(i)
	if _, err := w.Write(l.metadata(i)); err != nil {
		return err
	}
	if i.dataFile != "" {
		return nil
	}
	p := make([]byte, clusterSize)
	for cluster := range i.content.data() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped at cluster %d of %d: %w", cluster, i.content.clusters(), err)
		}
		i.content.fill(p, cluster)
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// metadata is everything before the data.
func (l layout) metadata(i image) []byte {
	file := make([]byte, l.data.offset())
	copy(file, newHeader(i, l))
	for block := range l.refcountBlocks.count {
		put(file, l.refcounts.offset()+8*block, uint64((l.refcountBlocks.first+block)*clusterSize))
	}
	for cluster := range l.data.end() {
		// The blocks lie one behind the other.
		binary.BigEndian.PutUint16(file[l.refcountBlocks.offset()+2*cluster:], 1)
	}
	l.mapClusters(file, i)
	return file
}

// mapClusters fills the L1 table and the L2 tables.
func (l layout) mapClusters(file []byte, i image) {
	table, host := l.l2.offset()-clusterSize, l.data.offset()
	last := int64(-1)
	for cluster := range i.content.data() {
		if cluster/perL2 != last {
			table, last = table+clusterSize, cluster/perL2
			put(file, l.l1.offset()+8*last, copied|uint64(table))
		}
		where := host
		if i.dataFile != "" {
			where = cluster * clusterSize // as in the data file
		}
		put(file, table+8*(cluster%perL2), copied|uint64(where))
		host += clusterSize
	}
}

func put(file []byte, at int64, number uint64) {
	binary.BigEndian.PutUint64(file[at:], number)
}
