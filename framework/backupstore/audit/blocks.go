package audit

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"golang.org/x/sync/errgroup"
)

// need is one block and who lists it.
type need struct {
	// sum is the checksum; every list of the volume shares this string.
	sum string
	// backups are the names of those that list the block, each once, sorted.
	backups []string
	// ways are how they expect it to be stored: one, unless a setting was changed.
	ways []encoding
}

// collectNeeds fills in which backups list which block.
func (l *look) collectNeeds() {
	l.needed = map[string]*need{}
	for _, backup := range l.info.Backups {
		way := encoding{backup.Compression, backup.BlockSize}
		for i, block := range backup.Blocks {
			n := l.needed[block.Checksum]
			if n == nil {
				if !validSum.MatchString(block.Checksum) {
					continue // told as a violation of the backup's list
				}
				n = &need{sum: block.Checksum}
				l.needed[block.Checksum] = n
			}
			backup.Blocks[i].Checksum = n.sum
			if last := len(n.backups) - 1; last < 0 || n.backups[last] != backup.Name {
				n.backups = append(n.backups, backup.Name)
			}
			if !slices.Contains(n.ways, way) {
				n.ways = append(n.ways, way)
			}
		}
	}
}

// checkBlocks reads every block that a backup lists, and finds those that none does.
func (l *look) checkBlocks(ctx context.Context) error {
	l.collectNeeds()
	for _, object := range l.inv.blocks {
		l.info.Blocks++
		l.info.BytesStored += object.Size
	}
	l.checkOrphans()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, n := range l.needed {
		group.Go(func() error { return l.checkBlock(ctx, n) })
	}
	return group.Wait()
}

// checkOrphans reports blocks that no backup lists. One that may belong to a
// backup whose list is not known, or that somebody may be about to list or to
// remove, is none.
func (l *look) checkOrphans() {
	if l.unsettled || l.locked() {
		return
	}
	for sum, object := range l.inv.blocks {
		if l.needed[sum] == nil {
			l.violate(KindBlockOrphan, object.Key, false, nil, "no backup lists the block, which takes %d bytes: the next deletion of a backup of the volume removes it", object.Size)
		}
	}
}

// checkBlock reads one block in every way that its backups expect.
func (l *look) checkBlock(ctx context.Context, n *need) error {
	key := l.inv.folder.block(n.sum)
	missing := func() {
		l.violate(KindBlockMissing, key, true, n.backups, "the block is not there, so %s cannot be restored: a full backup uploads it again if the volume still holds the data", names(n.backups))
	}
	if _, there := l.inv.blocks[n.sum]; !there {
		missing()
		return nil
	}
	for _, way := range n.ways {
		err := readBlock(ctx, l.store, l.inv.folder, n.sum, way, nil)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing()
			return nil
		case isFault(err):
			lost := l.listing(n, way)
			l.violate(KindBlockCorrupt, key, true, lost, "the block is damaged (%v), so %s cannot be restored: a full backup uploads it again if the volume still holds the data", err, names(lost))
		case err != nil:
			return err
		}
	}
	return nil
}

// listing returns the backups that list a block and expect it to be stored that way.
func (l *look) listing(n *need, way encoding) []string {
	if len(n.ways) == 1 {
		return n.backups
	}
	var found []string
	for _, backup := range l.info.Backups {
		if (encoding{backup.Compression, backup.BlockSize}) == way && slices.Contains(n.backups, backup.Name) {
			found = append(found, backup.Name)
		}
	}
	return found
}
