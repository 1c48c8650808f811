package mount

import (
	"context"
	"errors"
	"io"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"

	"github.com/muster-csi/muster/internal/nfs4"
)

// file is an open file of the server.
type file struct{ opened *nfs4.File }

var _ interface {
	fs.FileReader
	fs.FileWriter
	fs.FileFlusher
	fs.FileFsyncer
	fs.FileReleaser
} = (*file)(nil)

// access is what a file is opened for.
func access(flags uint32) nfs4.Access {
	if flags&syscall.O_ACCMODE == syscall.O_RDONLY {
		return nfs4.Read
	}
	if flags&syscall.O_ACCMODE == syscall.O_WRONLY {
		return nfs4.Write
	}
	return nfs4.Read | nfs4.Write
}

// Open opens the file on the server. The kernel forgets what it has of it, so that what
// another client has closed before is seen.
func (n *node) Open(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	ctx = context.WithoutCancel(ctx)
	opened, err := n.client.Open(ctx, n.handle, access(flags))
	if err != nil {
		return nil, 0, nfs4.Errno(err)
	}
	if flags&syscall.O_TRUNC != 0 {
		if _, err := n.client.SetAttr(ctx, n.handle, nfs4.Change{Size: new(uint64)}); err != nil {
			return nil, 0, nfs4.Errno(errors.Join(err, opened.Close(ctx)))
		}
	}
	return &file{opened}, 0, 0
}

func (f *file) Read(ctx context.Context, into []byte, offset int64) (fuse.ReadResult, syscall.Errno) {
	n, err := f.opened.ReadAt(context.WithoutCancel(ctx), into, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nfs4.Errno(err)
	}
	return fuse.ReadResultData(into[:n]), 0
}

func (f *file) Write(ctx context.Context, data []byte, offset int64) (uint32, syscall.Errno) {
	n, err := f.opened.WriteAt(context.WithoutCancel(ctx), data, offset)
	if n > 0 {
		return uint32(n), 0 // the rest is written, or refused, by the next call
	}
	return 0, nfs4.Errno(err)
}

// Flush is called for each close(2), which returns its error.
func (f *file) Flush(ctx context.Context) syscall.Errno {
	return nfs4.Errno(f.opened.Sync(context.WithoutCancel(ctx)))
}

func (f *file) Fsync(ctx context.Context, _ uint32) syscall.Errno { return f.Flush(ctx) }

func (f *file) Release(ctx context.Context) syscall.Errno {
	return nfs4.Errno(f.opened.Close(context.WithoutCancel(ctx)))
}

// Fsync of a directory has nothing to do: the server answers when it has changed it.
func (n *node) Fsync(ctx context.Context, open fs.FileHandle, flags uint32) syscall.Errno {
	if f, is := open.(*file); is {
		return f.Fsync(ctx, flags)
	}
	return 0
}
