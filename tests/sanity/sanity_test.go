// Package sanity runs csi-test's sanity suite against the whole driver in this
// process: CSI controller and node service, reconcilers and the real data
// engine, on a real etcd and kube-apiserver. It needs root for loop devices and
// mounts.
package sanity

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/kubernetes-csi/csi-test/v5/pkg/sanity"
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/muster-csi/muster/driver/backup"
)

// skipped are the cases that the contract contradicts, each with its clause.
var skipped = map[string]string{
	// H-10: a handle without a scheme is InvalidArgument, also for a restore.
	"should fail when the volume source snapshot is not found": "H-10",
	// I-09: ControllerExpandVolume without a capability is InvalidArgument, and this case sends none.
	"should work if node-expand is called after node-publish": "I-09",
}

// TestMain lets this program also be the worker that the driver starts for every
// operation in a backupstore.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == backup.WorkerCommand {
		os.Exit(backup.Main(context.Background())) // its parent ends it
	}
	os.Exit(m.Run())
}

func TestDriver(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("the driver attaches loop devices and mounts: run it as root")
	}
	d := startDriver(t, startAPI(t))
	t.Run("State", func(t *testing.T) { testState(t, d) })
	t.Run("Sanity", func(t *testing.T) { testSanity(t, d) })
}

// testSanity runs csi-test's own suite.
func testSanity(t *testing.T, d *driver) {
	config := sanity.NewTestConfig()
	config.Address = "unix://" + d.socket
	config.StagingPath = filepath.Join(t.TempDir(), "staging")
	config.TargetPath = filepath.Join(t.TempDir(), "target")
	config.TestVolumeSize = 64 << 20
	config.TestVolumeExpandSize = 96 << 20
	config.TestSnapshotParameters = map[string]string{"type": "snap"}

	gomega.RegisterFailHandler(ginkgo.Fail)
	suite := sanity.GinkgoTest(&config)
	suiteConfig, reporterConfig := ginkgo.GinkgoConfiguration()
	for name := range skipped {
		suiteConfig.SkipStrings = append(suiteConfig.SkipStrings, name)
	}
	ginkgo.RunSpecs(t, "csi-sanity", suiteConfig, reporterConfig)
	suite.Finalize()
}
