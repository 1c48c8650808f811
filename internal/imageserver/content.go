package imageserver

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/muster-csi/muster/internal/pattern"
)

// clusterSize is the unit of content and of qcow2 files, in bytes.
const clusterSize = 64 << 10

// sparseSize is the virtual size of Sparse in bytes, and sparseStep how far its data are apart in clusters.
const (
	sparseSize = 1 << 30
	sparseStep = 1024
)

// image is what a name stands for.
type image struct {
	name    string
	content content
	// qcow2 says that the file is not the content itself.
	qcow2 bool
	// backing and dataFile are what the file names as such, or empty.
	backing, dataFile string
}

// write writes the image's file to w.
func (i image) write(ctx context.Context, w io.Writer) error {
	if i.qcow2 {
		return writeQCOW2(ctx, w, i)
	}
	return i.content.write(ctx, w)
}

// content is what a volume of exactly size bytes shows.
type content struct {
	size, seed int64
	// holds tells of each cluster whether it has data. The others are zero.
	holds func(cluster int64) bool
}

func everything(int64) bool { return true }

func nothing(int64) bool { return false }

func first(cluster int64) bool { return cluster == 0 }

func newSparse() content {
	last := int64(sparseSize/clusterSize - 1)
	return content{size: sparseSize, seed: fixedSeed, holds: func(cluster int64) bool {
		return cluster%sparseStep == 0 || cluster == last
	}}
}

// clusters is how many there are, a last one that is not whole included.
func (c content) clusters() int64 { return (c.size + clusterSize - 1) / clusterSize }

// data yields the clusters that have data.
func (c content) data() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for cluster := range c.clusters() {
			if c.holds(cluster) && !yield(cluster) {
				return
			}
		}
	}
}

// fill puts a cluster into p, which is one cluster long, with zeros after the
// content's end, and returns the part before that end.
func (c content) fill(p []byte, cluster int64) []byte {
	if c.holds(cluster) {
		pattern.Fill(p, c.seed, cluster*clusterSize)
	} else {
		clear(p)
	}
	within := min(clusterSize, c.size-cluster*clusterSize)
	clear(p[within:])
	return p[:within]
}

// write writes the whole content to w.
func (c content) write(ctx context.Context, w io.Writer) error {
	p := make([]byte, clusterSize)
	for cluster := range c.clusters() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped at cluster %d of %d: %w", cluster, c.clusters(), err)
		}
		if _, err := w.Write(c.fill(p, cluster)); err != nil {
			return err
		}
	}
	return nil
}
