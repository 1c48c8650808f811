// Package s3front is a front before an S3 store that misbehaves on request: it
// passes everything through untouched until a Fault is set, and then breaks the
// way to the store in that one manner until the fault is cleared.
//
// A connection from the driver goes through toxiproxy, which knows the faults of
// TCP (slow, hang, reset, refuse), to a TLS server on the loopback interface,
// which knows those of HTTP, and from there over TLS to the store. Requests are
// passed on with the Host header that they came with, since the signature of an
// S3 request (AWS Signature Version 4) covers it.
//
// What is not here: Kubernetes. Package framework/backupstore/front runs a front
// in a cluster.
package s3front
