package bak

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// labelled asks for a backup with a class that has an unusual parameter. It is made and
// whole, or refused and not made; which of them is noted for the clause.
func labelled(ctx SpecContext, clause, key, value string) {
	env := harness.BeginBackups(ctx)
	claim, _, written := filled(ctx, env, harness.Claim{Name: "source"})
	class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, map[string]string{"type": "bak", key: value}))
	snapshot := harness.Must(env.CreateSnapshot(ctx, "backup", claim, class))
	volume := harness.Must(env.HandleOf(ctx, claim))

	if failure := harness.Must(env.WaitBackupEnd(ctx, snapshot)); failure != "" {
		harness.Observe(clause, true, "the backup is refused: %s", failure)
		Expect(failure).To(ContainSubstring("code = Internal"))
		Expect(longhorn.BackupsOf(ctx, env.Client, volume)).To(BeEmpty(), "no backup is made")
		Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed(), "what was refused can be deleted")
		return
	}
	harness.Observe(clause, false, "the backup is made")
	of, _ := namesOf(ctx, env, harness.Must(env.Snapshot(ctx, "backup")))
	Expect(of).To(Equal(volume), "the handle names the source volume")
	reader := restored(ctx, env, "backup", harness.Claim{})
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
}

var _ = Describe("bak", Label("bak", "bak-create"), func() {
	DescribeTable("is made or refused, and which is noted, with a class that has a parameter", labelled,
		Entry("whose name is no qualified name", Label("clause:C-10"), SpecTimeout(timeouts.Spec), "C-10", "not a qualified name", "value"),
		Entry("with an empty value", Label("clause:C-11"), SpecTimeout(timeouts.Spec), "C-11", "team", ""),
		Entry("whose name Longhorn keeps for itself", Label("clause:C-12"), SpecTimeout(timeouts.Spec), "C-12", "KubernetesStatus", "value"),
	)
})
