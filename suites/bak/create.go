package bak

import (
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// clockSlack is how far the clocks of API server and engine may be apart; times of the API have whole seconds.
const clockSlack = 2 * time.Second

// createOf takes a backup with a class that has these parameters and looks at what Kubernetes, Longhorn and the bucket say.
func createOf(ctx SpecContext, parameters map[string]string) {
	env := harness.BeginBackups(ctx)
	claim, _, _ := filled(ctx, env, harness.Claim{Name: "source"})
	class := harness.Must(env.CreateClass(ctx, snapshotv1.VolumeSnapshotContentDelete, parameters))

	By("taking a backup while a pod uses the volume")
	snapshot := harness.Must(env.CreateSnapshot(ctx, "backup", claim, class))
	snapshot = harness.Must(env.WaitBackedUp(ctx, snapshot))
	ready := time.Now()

	By("reading what Kubernetes says about it")
	content := harness.Must(env.ContentOf(ctx, snapshot))
	Expect(content.Status.SnapshotHandle).To(HaveValue(MatchRegexp(`^bak://[^/]+/backup-[0-9a-f]{16}$`)), "H-02: snapshotHandle")
	volume, name := namesOf(ctx, env, snapshot)
	Expect(volume).To(Equal(harness.Must(env.HandleOf(ctx, claim))), "the handle names the source volume")
	Expect(content.Status.RestoreSize).To(HaveValue(BeNumerically("==", volumeMiB<<20)), "I-14: restoreSize is the provisioned size")
	cut := time.Unix(0, *content.Status.CreationTime)
	Expect(cut).To(BeTemporally(">=", snapshot.CreationTimestamp.Add(-clockSlack)), "C-3B: the cut is not before the request")
	Expect(cut).To(BeTemporally("<=", ready.Add(clockSlack)), "C-3B: the cut is not after readyToUse")

	By("reading what Longhorn says about it")
	behind := harness.Must(longhorn.Backup(ctx, env.Client, name))
	Expect(behind.Status.State).To(Equal(longhornv1beta2.BackupStateCompleted), "C-30: ready means that the backup is complete")
	Expect(behind.Status.URL).To(And(ContainSubstring("backup="+name), ContainSubstring("volume="+volume)), "B-20: its URL")
	for key, value := range parameters {
		Expect(behind.Spec.Labels).To(HaveKeyWithValue(key, value), "class parameters are kept as labels")
	}
	Expect(harness.Must(longhorn.Snapshot(ctx, env.Client, "snapshot-"+string(snapshot.UID))).Status.ReadyToUse).To(BeTrue(), "the local snapshot")

	By("reading what the bucket says about it")
	found := harness.Must(env.Audit(ctx, "", true, volume))
	Expect(found.Err()).NotTo(HaveOccurred())
	stored, there := found.Backup(volume, name)
	Expect(there).To(BeTrue(), "the bucket has the finished backup when it is ready")
	Expect(stored.Snapshot).To(Equal("snapshot-" + string(snapshot.UID)))
	Expect(stored.BlockCount).To(BeNumerically(">=", 4), "8 MiB were written")
}

var _ = Describe("bak", Label("bak", "bak-create"), func() {
	DescribeTable("of an attached volume is ready with handle, restoreSize and creationTime once its backup is in the bucket, with a class",
		createOf,
		Entry("of type bak", Label("clause:C-02", "clause:C-30", "clause:H-02", "clause:I-14", "clause:C-3B", "clause:B-20"), SpecTimeout(timeouts.Spec),
			map[string]string{"type": "bak"}),
		Entry("of type bs, the old name", Label("clause:C-02", "clause:H-03"), SpecTimeout(timeouts.Spec), map[string]string{"type": "bs"}),
		Entry("without a type", Label("clause:C-01"), SpecTimeout(timeouts.Spec), map[string]string{}),
	)
})
