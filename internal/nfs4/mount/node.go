package mount

import (
	"context"
	"hash/fnv"
	"syscall"

	"github.com/buildbarn/go-xdr/pkg/protocols/nfsv4"
	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"

	"github.com/muster-csi/muster/internal/nfs4"
)

const directory = nfsv4.NF4DIR

// node is a file or directory of the server. What the kernel calls off it gets all the
// same: a request that was sent is carried out.
type node struct {
	fs.Inode
	client *nfs4.Client
	handle []byte
}

var _ interface {
	fs.NodeLookuper
	fs.NodeGetattrer
	fs.NodeSetattrer
	fs.NodeReaddirer
	fs.NodeMkdirer
	fs.NodeCreater
	fs.NodeOpener
	fs.NodeUnlinker
	fs.NodeRmdirer
	fs.NodeRenamer
	fs.NodeStatfser
	fs.NodeFsyncer
} = (*node)(nil)

// generation tells files apart whose number the server has given twice.
func generation(handle []byte) uint64 {
	sum := fnv.New64a()
	_, _ = sum.Write(handle)
	return sum.Sum64()
}

// types are the file types of the protocol as those of the kernel.
var types = map[nfsv4.NfsFtype4]uint32{
	nfsv4.NF4DIR: syscall.S_IFDIR, nfsv4.NF4REG: syscall.S_IFREG, nfsv4.NF4LNK: syscall.S_IFLNK,
	nfsv4.NF4BLK: syscall.S_IFBLK, nfsv4.NF4CHR: syscall.S_IFCHR, nfsv4.NF4FIFO: syscall.S_IFIFO, nfsv4.NF4SOCK: syscall.S_IFSOCK,
}

// tell fills in what the kernel wants to know of a file.
func tell(attr *nfs4.Attr, out *fuse.Attr) {
	out.Ino, out.Size, out.Blocks = attr.FileID, attr.Size, (attr.Used+511)/512
	out.Mode, out.Nlink = types[attr.Type]|attr.Mode, attr.Links
	out.Owner = fuse.Owner{Uid: attr.UID, Gid: attr.GID}
	out.Blksize = 1 << 17
	out.SetTimes(&attr.Access, &attr.Modify, &attr.Change)
}

// child is what the server has told of, as a node.
func (n *node) child(ctx context.Context, attr *nfs4.Attr, out *fuse.EntryOut) *fs.Inode {
	tell(attr, &out.Attr)
	return n.NewInode(ctx, &node{client: n.client, handle: attr.Handle},
		fs.StableAttr{Mode: types[attr.Type], Ino: attr.FileID, Gen: generation(attr.Handle)})
}

func (n *node) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	attr, err := n.client.Lookup(context.WithoutCancel(ctx), n.handle, name)
	if err != nil {
		return nil, nfs4.Errno(err)
	}
	return n.child(ctx, attr, out), 0
}

func (n *node) Getattr(ctx context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	attr, err := n.client.Stat(context.WithoutCancel(ctx), n.handle)
	if err == nil {
		tell(attr, &out.Attr)
	}
	return nfs4.Errno(err)
}

func (n *node) Setattr(ctx context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	var change nfs4.Change
	if size, set := in.GetSize(); set {
		change.Size = &size
	}
	if mode, set := in.GetMode(); set {
		change.Mode = &mode
	}
	if id, set := in.GetUID(); set {
		change.UID = &id
	}
	if id, set := in.GetGID(); set {
		change.GID = &id
	}
	if when, set := in.GetATime(); set {
		change.Access = &when
	}
	if when, set := in.GetMTime(); set {
		change.Modify = &when
	}
	attr, err := n.client.SetAttr(context.WithoutCancel(ctx), n.handle, change)
	if err == nil {
		tell(attr, &out.Attr)
	}
	return nfs4.Errno(err)
}

func (n *node) Statfs(ctx context.Context, out *fuse.StatfsOut) syscall.Errno {
	space, err := n.client.StatSpace(context.WithoutCancel(ctx), n.handle)
	if err == nil {
		const block = 4096
		*out = fuse.StatfsOut{Bsize: block, Frsize: block, NameLen: 255,
			Blocks: space.Total / block, Bfree: space.Free / block, Bavail: space.Available / block,
			Files: space.Files, Ffree: space.FilesFree}
	}
	return nfs4.Errno(err)
}
