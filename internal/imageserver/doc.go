// Package imageserver offers disk images over HTTP, the way servers of images
// do: well, slowly, broken, or with lies about what they send. It makes the
// images itself, each from its name alone, so that a spec and a server agree on
// every byte without anything being uploaded.
//
//	/<behaviour>/<image>  the image, in the manner of the behaviour
//	/sums/<image>         what the image holds, as Sums in JSON
//	/stats                what was asked for and sent, as Stats in JSON
//	/healthz              204 as soon as the server serves
//
// GET and HEAD are answered. A HEAD shows the head that a GET would, counts as a
// request, and is never cut off.
//
// What is not here: Kubernetes. Package framework/imageserver runs a server in a
// cluster.
package imageserver
