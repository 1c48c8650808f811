package bak

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("bak", Label("bak", "bak-restore"), func() {
	It("is not restored by a handle of a backup or a volume that does not exist",
		Label("clause:H-18", "clause:H-19", "clause:H-13"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, _, _ := filled(ctx, env, harness.Claim{Name: "source"})
			volume, _ := namesOf(ctx, env, harness.Must(env.ReadyBackup(ctx, "backup", claim)))
			claims := map[string]*corev1.PersistentVolumeClaim{}
			handles := map[string][]string{
				"bak://no-such-volume/backup-0123456789abcdef": {"NotFound", "there is no backup volume"},
				"bak://" + volume + "/backup-0123456789abcdef": {"NotFound", "failed to get backup backup-0123456789abcdef"},
				"bak://" + volume + "/":                        {"NotFound", "is not found"},
			}
			for handle := range handles {
				name := fmt.Sprintf("imported-%d", len(claims))
				harness.Must(env.ImportHandle(ctx, name, handle, corev1.PersistentVolumeFilesystem))
				claims[handle] = harness.Must(env.CreateClaim(ctx, harness.Claim{Name: name, MiB: volumeMiB, Snapshot: name}))
			}
			for handle, fragments := range handles {
				text, err := env.StaysPending(ctx, claims[handle], fragments...)
				Expect(err).NotTo(HaveOccurred(), "claim from %s", handle)
				AddReportEntry(handle, text, ReportEntryVisibilityFailureOrVerbose)
			}
		})
})
