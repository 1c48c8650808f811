package mount

import (
	"context"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"

	"github.com/muster-csi/muster/internal/nfs4"
)

func (n *node) Readdir(ctx context.Context) (fs.DirStream, syscall.Errno) {
	entries, err := n.client.ReadDir(context.WithoutCancel(ctx), n.handle)
	if err != nil {
		return nil, nfs4.Errno(err)
	}
	list := make([]fuse.DirEntry, 0, len(entries))
	for _, entry := range entries {
		list = append(list, fuse.DirEntry{Name: entry.Name, Ino: entry.FileID, Mode: types[entry.Type]})
	}
	return fs.NewListDirStream(list), 0
}

func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	attr, err := n.client.Mkdir(context.WithoutCancel(ctx), n.handle, name, mode)
	if err != nil {
		return nil, nfs4.Errno(err)
	}
	return n.child(ctx, attr, out), 0
}

func (n *node) Unlink(ctx context.Context, name string) syscall.Errno {
	return nfs4.Errno(n.client.Remove(context.WithoutCancel(ctx), n.handle, name))
}

func (n *node) Rmdir(ctx context.Context, name string) syscall.Errno {
	return n.Unlink(ctx, name) // the protocol has one operation for both, and the kernel knows which it is
}

func (n *node) Rename(ctx context.Context, name string, into fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	if flags != 0 { // the protocol cannot swap names, nor keep one that is there
		return syscall.EINVAL
	}
	return nfs4.Errno(n.client.Rename(context.WithoutCancel(ctx), n.handle, name, into.(*node).handle, newName))
}

func (n *node) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	opened, attr, err := n.client.Create(context.WithoutCancel(ctx), n.handle, name, mode, access(flags), flags&syscall.O_EXCL != 0)
	if err != nil {
		return nil, nil, 0, nfs4.Errno(err)
	}
	if flags&syscall.O_TRUNC != 0 && attr.Size > 0 {
		if attr, err = n.client.SetAttr(context.WithoutCancel(ctx), attr.Handle, nfs4.Change{Size: new(uint64)}); err != nil {
			return nil, nil, 0, nfs4.Errno(err)
		}
	}
	return n.child(ctx, attr, out), &file{opened}, 0, 0
}
