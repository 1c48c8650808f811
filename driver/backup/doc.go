// Package backup moves data between snapshots of the engine and a backupstore,
// in Longhorn's own format: backups made here restore in Longhorn and the other
// way round. Format, locks and uploads are those of Longhorn's library
// github.com/longhorn/backupstore; what is ours is which blocks are read.
//
// That library takes a store's credentials from the environment of its process.
// Each operation is therefore a process of its own, the worker, which gets the
// credentials of one store and nothing else, and whose end, however it comes
// about, ends the operation. Runner starts workers, Work is what runs in them.
package backup
