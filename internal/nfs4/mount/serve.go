package mount

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"

	"github.com/muster-csi/muster/internal/nfs4"
)

const (
	// mounted is the word of the process that stays once it has mounted.
	mounted = "mounted"
	// fuseType begins with what tells programs that look for NFS what it is.
	fuseType = "nfs4"
	// closing bounds how long a server may take to let go of a session.
	closing = 5 * time.Second
)

// serveUntilUnmounted is the process that stays. Its word goes to file 3.
func serveUntilUnmounted(arguments []string) int {
	word := os.NewFile(3, "word")
	// What ends a terminal or a service is no reason to take files away.
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	client, server, err := begin(ctx, arguments)
	if err != nil {
		_, _ = io.WriteString(word, err.Error())
		return failed
	}
	_, err = io.WriteString(word, mounted)
	if closeErr := word.Close(); err != nil || closeErr != nil {
		_ = server.Unmount() // whoever asked is gone
	}
	_ = os.Chdir("/")
	unmountWhenDone(ctx, server)
	server.Wait()
	ending, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_ = client.Close(ending)
	return 0
}

// unmountWhenDone unmounts when this process is told to end, and ends it at once where
// that cannot be, as when the mount is in use: whoever uses it gets errors.
func unmountWhenDone(ctx context.Context, server *fuse.Server) {
	context.AfterFunc(ctx, func() {
		if server.Unmount() != nil {
			os.Exit(1)
		}
	})
}

// begin connects, looks up the export and mounts it.
func begin(ctx context.Context, arguments []string) (*nfs4.Client, *fuse.Server, error) {
	r, err := readArguments(arguments)
	if err != nil {
		return nil, nil, err
	}
	client, err := r.connect(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot mount %s: %w", r.source, err)
	}
	root, err := client.Walk(ctx, r.export)
	if err == nil && root.Type != directory {
		err = syscall.ENOTDIR
	}
	if err != nil {
		_ = client.Close(ctx)
		if errors.Is(err, syscall.ENOENT) {
			err = fmt.Errorf("No such file or directory: the server exports no %s", r.export)
		}
		return nil, nil, fmt.Errorf("cannot mount %s: %w", r.source, err)
	}
	server, err := r.show(client, root)
	if err != nil {
		_ = client.Close(ctx)
		return nil, nil, fmt.Errorf("cannot mount %s on %s: %w; mounting in user space needs root and /dev/fuse", r.source, r.dir, err)
	}
	return client, server, nil
}

// show mounts the export with FUSE.
func (r *request) show(client *nfs4.Client, root *nfs4.Attr) (*fuse.Server, error) {
	options := &fs.Options{EntryTimeout: &r.cache, AttrTimeout: &r.cache, NullPermissions: true,
		RootStableAttr: &fs.StableAttr{Ino: root.FileID, Gen: generation(root.Handle)}}
	options.MountOptions = fuse.MountOptions{
		FsName: r.source, Name: fuseType, DirectMountStrict: true, DisableXAttrs: true,
		MaxWrite: 1 << 20, Options: []string{"default_permissions"},
	}
	if r.readOnly {
		options.DirectMountFlags = syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_RDONLY
	}
	return fs.Mount(r.dir, &node{client: client, handle: root.Handle}, options)
}

// connect tries the minor versions in turn, and goes on trying while the server is away.
func (r *request) connect(ctx context.Context) (*nfs4.Client, error) {
	if _, err := net.DefaultResolver.LookupHost(ctx, r.host); err != nil {
		return nil, fmt.Errorf("Failed to resolve server %s: %w", r.host, err)
	}
	options := nfs4.Options{Address: r.address(), Wait: r.wait, Tries: r.tries}
	if r.hard {
		options.Tries = 0
	}
	deadline := time.Now().Add(r.retry)
	for {
		var err error
		for _, options.Minor = range r.minor {
			var client *nfs4.Client
			if client, err = nfs4.Dial(ctx, options); err == nil {
				return client, nil
			}
			if !errors.Is(err, syscall.EPROTONOSUPPORT) {
				break
			}
			err = fmt.Errorf("Protocol not supported: %w", err)
		}
		var away *net.OpError // and no net.Error, which every answer of a server is too
		if !errors.As(err, &away) && !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil || time.Now().After(deadline) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}
