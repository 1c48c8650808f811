package bak

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// importAs imports a backup by its handle with another scheme and restores it.
func importAs(ctx SpecContext, scheme string) {
	env := harness.BeginBackups(ctx)
	claim, _, written := filled(ctx, env, harness.Claim{Name: "source"})
	handle := harness.Must(env.SnapshotHandleOf(ctx, harness.Must(env.ReadyBackup(ctx, "backup", claim))))

	harness.Must(env.ImportHandle(ctx, "imported", strings.Replace(handle, "bak://", scheme, 1), corev1.PersistentVolumeFilesystem))
	reader := restored(ctx, env, "imported", harness.Claim{})
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
}

var _ = Describe("bak", Label("bak", "bak-restore"), func() {
	DescribeTable("of a pre-provisioned content is restored by a handle that begins with", importAs,
		Entry("bak://", Label("clause:R-30", "clause:S-02"), SpecTimeout(timeouts.Spec), "bak://"),
		Entry("bs://, the old name", Label("clause:H-21"), SpecTimeout(timeouts.Spec), "bs://"),
	)
})
