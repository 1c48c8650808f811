// Package suites is the one Ginkgo suite of all specs: a single parallel run schedules
// everything, and one binary can be shipped to machines without Go.
package suites

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/leak"
	"github.com/muster-csi/muster/framework/timeouts"

	_ "github.com/muster-csi/muster/suites/access"
	_ "github.com/muster-csi/muster/suites/api"
	_ "github.com/muster-csi/muster/suites/backupstore"
	_ "github.com/muster-csi/muster/suites/bak"
	_ "github.com/muster-csi/muster/suites/bi"
	_ "github.com/muster-csi/muster/suites/clone"
	_ "github.com/muster-csi/muster/suites/csi"
	_ "github.com/muster-csi/muster/suites/dr"
	_ "github.com/muster-csi/muster/suites/expand"
	_ "github.com/muster-csi/muster/suites/lifecycle"
	_ "github.com/muster-csi/muster/suites/limits"
	_ "github.com/muster-csi/muster/suites/restore"
	_ "github.com/muster-csi/muster/suites/sidecar"
	_ "github.com/muster-csi/muster/suites/snap"
)

func TestConformance(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "muster")
}

// before is what there was of the driver before the first spec; only the first process has it.
var before leak.Rest

// The first process reads the configuration and takes the inventory; every process connects by itself.
var _ = SynchronizedBeforeSuite(func(ctx SpecContext) []byte {
	config := harness.Must(harness.LoadConfig())
	cluster := harness.Must(harness.Connect(config))
	if config.LeakCheck {
		before = harness.Must(cluster.Rest(ctx))
	}
	return harness.Must(json.Marshal(config))
}, func(_ SpecContext, text []byte) {
	config := harness.Must(harness.ParseConfig(text))
	harness.Use(harness.Must(harness.Connect(config)))
}, NodeTimeout(timeouts.Cleanup))

// When every process has ended, nothing that was not there before may be left; other
// processes of the run may still be at work.
var _ = SynchronizedAfterSuite(func(ctx SpecContext) {
	if cluster := harness.Connected(); cluster != nil {
		Expect(cluster.Disconnect(ctx)).To(Succeed())
	}
}, func(ctx SpecContext) {
	cluster := harness.Connected()
	if cluster != nil && cluster.Config.LeakCheck && !cluster.Config.Beside {
		Expect(cluster.WaitNothingLeft(ctx, before)).To(Succeed())
	}
}, NodeTimeout(timeouts.Cleanup))

var _ = ReportAfterEach(func(report SpecReport) {
	if cluster := harness.Connected(); cluster != nil {
		Expect(harness.AppendFinished(cluster.Config.Events, report)).To(Succeed())
	}
})
