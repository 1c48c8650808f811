// Package nfs4 is a client of the network file system, versions 4.1 and 4.2, in
// user space: a session with a server, and the operations that a file system
// needs of it. How messages look on the wire is generated from the protocol's own
// description (github.com/buildbarn/go-xdr). What mounts it is in nfs4/mount.
//
// There are no locks, no delegations and no Kerberos. State of open files is made
// anew when the server has forgotten it.
package nfs4
