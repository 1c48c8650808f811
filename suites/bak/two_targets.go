package bak

import (
	"context"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("bak", Label("bak", "bak-create"), func() {
	It("of a volume whose target has changed can be restored; which target's backup a repeated request means is noted",
		Label("clause:C-37", "needs:B-28"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			other := harness.Must(env.CreateTarget(ctx, nil))
			Expect(env.WaitAvailable(ctx, other.Name)).To(Succeed())
			claim, _, written := filled(ctx, env, harness.Claim{Name: "source"})
			snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
			volume, first := namesOf(ctx, env, snapshot)
			content := harness.Must(env.ContentOf(ctx, snapshot))

			// again points the volume at a target and returns the backup that the sidecar is then told of.
			again := func(target string) string {
				Expect(env.ChangeVolume(ctx, volume, func(spec *longhornv1beta2.VolumeSpec) { spec.BackupTargetName = target })).To(Succeed())
				repeated := harness.Must(env.RepeatCreateSnapshot(ctx, content))
				_, name, err := harness.SplitHandle(*repeated.Status.SnapshotHandle)
				return harness.Must(name, err)
			}
			second, third := again(other.Name), again(longhorn.DefaultTarget)
			for _, name := range []string{first, second, third} {
				env.OnCleanup(func(ctx context.Context) error { return env.DeleteBackup(ctx, name) })
			}
			harness.Observe("C-37", second != first && third == first,
				"with the volume pointed at a second target the first one's backup counts: %t; pointed back: %t", second == first, third == first)
			harness.Must(env.WaitBackedUp(ctx, &snapshotv1.VolumeSnapshot{ObjectMeta: snapshot.ObjectMeta}))
			reader := restored(ctx, env, "backup", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
		})
})
