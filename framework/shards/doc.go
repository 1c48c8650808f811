// Package shards splits a run of the suite among pods of the cluster under test and
// brings together what they found.
//
// The specs that may run beside each other are dealt to the pods of one indexed Job.
// Those that change something for the whole cluster (Serial) all belong to a Job of
// their own with one pod, which begins when every pod of the first Job has ended.
//
// A pod writes its result into a file and stays until that was fetched by a command in
// the pod: a log is rotated and a ConfigMap has at most 1 MiB, and the result has the
// evidence of every failed spec in it. The log carries a line for each finished spec,
// which shows progress, and at the end the size and checksum of the result.
//
// What a pod does is in the package inpod.
package shards
