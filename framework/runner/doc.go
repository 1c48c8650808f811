// Package runner runs the suite: it builds the suite's binary, finds out which
// specs a selection means, brings up a cluster with the driver, runs the specs
// and collects what they say. What the specs check is the business of suites,
// how results are shown that of package report.
package runner
