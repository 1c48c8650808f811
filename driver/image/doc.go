// Package image brings backing images from outside into files that the engine
// can keep: it fetches them (Downloader), decides by their own header whether
// they may be used at all (Check), turns qcow2 into raw and back (Tool) and
// computes the checksum that names their content (Sum).
//
// Whoever makes a BackingImage chooses its URL and its content, and this code
// runs with the node's rights. So nothing that an image or a server says is
// taken on trust: an image must not name another file, which could be one of
// the node, and an address must not be one that only the node can reach.
//
// Where images lie and when they are made is not decided here.
package image
