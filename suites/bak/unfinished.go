package bak

import (
	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/s3front"
)

// claimedTooEarly claims a backup before it is complete.
func claimedTooEarly(ctx SpecContext) {
	env := harness.BeginBackups(ctx)
	target, front, err := env.CreateFaultyTarget(ctx)
	Expect(err).NotTo(HaveOccurred())
	claim, _, written := filled(ctx, env, harness.Claim{Name: "source", Class: target.Class})

	By("holding the backup half way")
	Expect(front.Set(ctx, onBlocks(s3front.Hold, "PUT", 0))).To(Succeed())
	snapshot := harness.Must(env.CreateBackup(ctx, "backup", claim))
	handle := harness.Must(env.WaitHandle(ctx, snapshot))
	Expect(front.WaitHeld(ctx, 1)).To(Succeed())
	Expect(harness.Must(env.Snapshot(ctx, "backup")).Status.ReadyToUse).NotTo(HaveValue(BeTrue()), "C-30: ready before it is complete")

	By("claiming it through its VolumeSnapshot and through an imported handle")
	waiting := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "waiting", MiB: volumeMiB, Snapshot: "backup"}))
	harness.Must(env.ImportHandle(ctx, "imported", handle, corev1.PersistentVolumeFilesystem))
	static := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "static", MiB: volumeMiB, Snapshot: "imported"}))
	harness.Must(env.StaysPending(ctx, waiting, "is not Ready"))
	early := env.Outcome(ctx, static)
	harness.Observe("R-35", early == string(corev1.ClaimBound), "a claim from the handle of an unfinished backup: %s", early)

	By("letting the backup go on")
	Expect(front.Clear(ctx)).To(Succeed())
	harness.Must(env.WaitBackedUp(ctx, snapshot))
	claims := []*corev1.PersistentVolumeClaim{waiting}
	if early != string(corev1.ClaimBound) {
		claims = append(claims, static)
	}
	for _, claim := range claims {
		claim = harness.Must(env.WaitRestored(ctx, claim))
		reader := harness.Must(env.StartPod(ctx, claim.Name+"-reader", claim))
		Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the claim %s", claim.Name)
	}
}

// restoredWithoutBlock restores a backup of which a block is lost.
func restoredWithoutBlock(ctx SpecContext) {
	env := harness.BeginBackups(ctx)
	target := harness.Must(env.CreateTarget(ctx, nil))
	Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
	claim, _, written := filled(ctx, env, harness.Claim{Name: "source", Class: target.Class})
	snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
	volume, name := namesOf(ctx, env, snapshot)

	By("taking one block away")
	putBack := harness.Must(env.LoseBlock(ctx, target.Prefix, snapshot))
	lost := harness.Must(env.Audit(ctx, target.Prefix, true, volume))
	Expect(lost.Lost()).To(ConsistOf(volume+"/"+name), "the auditor names exactly the backup that is lost")

	broken := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "broken", MiB: volumeMiB, Snapshot: "backup"}))
	failure := harness.Must(env.WaitRestoreEnd(ctx, broken))
	Expect(failure).NotTo(BeEmpty(), "a restore that cannot have all data")
	behind := harness.Must(longhorn.Volume(ctx, env.Client, harness.Must(env.HandleOf(ctx, harness.Must(env.Claim(ctx, "broken"))))))
	Expect(behind.Status.Robustness).To(Equal(longhornv1beta2.VolumeRobustnessFaulted))

	By("putting the block back: another restore has the data")
	Expect(putBack(ctx)).To(Succeed())
	again := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "again", MiB: volumeMiB, Snapshot: "backup"}))
	reader := harness.Must(env.StartPod(ctx, "reader", again))
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
}

var _ = Describe("bak", Label("bak", "bak-fault"), func() {
	It("that is unfinished is restored by nobody before it is complete: a claim waits and then has the data",
		Label("clause:R-35", "clause:R-35b", "clause:C-30", "needs:B-28"), SpecTimeout(timeouts.Spec), claimedTooEarly)

	// longhorn/longhorn#6491: the backup never ended.
	It("under way when its target is pointed elsewhere comes to an end, and can be deleted",
		Label("clause:C-39", "needs:B-28"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			target, front, err := env.CreateFaultyTarget(ctx)
			Expect(err).NotTo(HaveOccurred())
			claim, _, written := filled(ctx, env, harness.Claim{Name: "source", Class: target.Class})

			Expect(front.Set(ctx, onBlocks(s3front.Hold, "PUT", 0))).To(Succeed())
			snapshot := harness.Must(env.CreateBackup(ctx, "backup", claim))
			_, name, err := harness.SplitHandle(harness.Must(env.WaitHandle(ctx, snapshot)))
			Expect(err).NotTo(HaveOccurred())
			Expect(front.WaitHeld(ctx, 1)).To(Succeed())
			By("pointing the target elsewhere while the upload waits, then letting it go on")
			Expect(env.SetTargetURL(ctx, target, harness.TargetURL(target.Prefix+"elsewhere/"))).To(Succeed())
			Expect(front.Clear(ctx)).To(Succeed())
			ended := harness.Must(env.WaitBackupState(ctx, name, longhornv1beta2.BackupStateCompleted, longhornv1beta2.BackupStateError))
			AddReportEntry("the backup ended as " + string(ended.Status.State) + ": " + ended.Status.Error)

			By("pointing it back: the next backup works and the old one can be deleted")
			Expect(env.SetTargetURL(ctx, target, target.URL)).To(Succeed())
			Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
			harness.Must(env.ReadyBackup(ctx, "next", claim))
			reader := restored(ctx, env, "next", harness.Claim{})
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
			Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
			Expect(env.WaitBackupGone(ctx, name)).To(Succeed())
		})

	It("whose blocks are lost is not restored: the volume says that it failed, and no pod gets to see it",
		Label("clause:R-36", "clause:R-30", "needs:B-28"), SpecTimeout(timeouts.Spec), restoredWithoutBlock)
})
