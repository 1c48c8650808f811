// Package components builds the programs, images and CRD manifests a cluster
// is made of from pinned Go modules and Debian packages, and keeps them in a
// cache per user. What they are stands in components/catalogue.yaml; how a
// cluster uses them is not this package's business.
//
// A thing in the cache lies in a directory whose name ends with the hash of
// everything it is made from. The directory appears by one rename, so it is
// complete or absent; a file lock per directory keeps two builders apart. An
// interrupted build therefore loses only the thing it was working on.
package components
