package audit

import (
	"context"
	"strings"
)

// inventory is what a listing shows of one volume.
type inventory struct {
	folder  folder
	config  bool
	backups map[string]Object // by name
	blocks  map[string]Object // by checksum
	locks   []Object
	unknown []Object
}

func newInventory(at folder) *inventory {
	return &inventory{folder: at, backups: map[string]Object{}, blocks: map[string]Object{}}
}

// takeInventory lists a volume's folder.
func takeInventory(ctx context.Context, store Store, at folder) (*inventory, error) {
	inv := newInventory(at)
	for object, err := range store.List(ctx, at.path) {
		if err != nil {
			return nil, err
		}
		inv.add(object)
	}
	return inv, nil
}

// add puts an object where the format says that it belongs.
func (i *inventory) add(object Object) {
	name := strings.TrimPrefix(object.Key, i.folder.path)
	backup, block := backupFile.FindStringSubmatch(name), blockFile.FindStringSubmatch(name)
	switch {
	case name == configFile:
		i.config = true
	case backup != nil:
		i.backups[backup[1]] = object
	case block != nil && object.Key == i.folder.block(block[1]):
		i.blocks[block[1]] = object
	case lockFile.MatchString(name):
		i.locks = append(i.locks, object)
	default:
		i.unknown = append(i.unknown, object)
	}
}

func (i *inventory) empty() bool {
	return !i.config && len(i.backups)+len(i.blocks)+len(i.locks)+len(i.unknown) == 0
}

// unknownObject says what an object is that has no place in the format. While
// operations run, half-written files have one.
func unknownObject(volume string, object Object, running bool) (v Violation, wrong bool) {
	v = Violation{Kind: KindUnknownObject, Volume: volume, Object: object.Key}
	switch {
	case unfinished.MatchString(object.Key):
		v.Text = "an interrupted write left this file behind: remove it when no backup of the volume runs"
		return v, !running
	case misplacedBlock.MatchString(object.Key):
		v.Text = "the block lies in a folder that does not fit its name, where Longhorn does not look for it"
	default:
		v.Text = "Longhorn puts nothing of this name here: find out what wrote it"
	}
	return v, true
}
