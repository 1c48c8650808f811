// Package mount is mount.nfs4 for kernels that have no NFS: it shows what an NFS
// server exports as a file system in user space (FUSE). Where the kernel has NFS
// it lets the kernel's own mount.nfs do that.
package mount
