package bak

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("bak", Label("bak", "bak-restore"), func() {
	It("is never cut off by a claim that is smaller: the claim is refused, or has all the data",
		Label("clause:R-31"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod := inUse(ctx, env, harness.Claim{Name: "source", MiB: volumeMiB, Block: true})
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, OffsetMiB: volumeMiB - 8, MiB: 8}))
			whole := harness.Must(pod.Sum(ctx, workload.Content{MiB: volumeMiB}))
			handle := harness.Must(env.SnapshotHandleOf(ctx, harness.Must(env.ReadyBackup(ctx, "backup", claim))))

			By("asking for less through a VolumeSnapshot that knows the size: the provisioner refuses")
			less := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "less", MiB: volumeMiB / 2, Snapshot: "backup", Block: true}))
			harness.Must(env.StaysPending(ctx, less, "is less than the size"))

			By("asking for less through an imported handle, which knows no size: the driver decides")
			harness.Must(env.ImportHandle(ctx, "imported", handle, corev1.PersistentVolumeBlock))
			blind := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "blind", MiB: volumeMiB / 2, Snapshot: "imported", Block: true}))
			outcome := env.Outcome(ctx, blind)
			harness.Observe("R-31", outcome == string(corev1.ClaimBound), "a smaller claim: %s", outcome)
			if outcome == string(corev1.ClaimBound) {
				reader := harness.Must(env.StartPod(ctx, "blind-reader", harness.Must(env.WaitRestored(ctx, blind))))
				Expect(reader.Sum(ctx, workload.Content{MiB: volumeMiB})).To(Equal(whole), "SHA-256 of the restore into a smaller claim")
			}
		})

	It("of before an expansion restores at its own size when a later backup is larger",
		// longhorn/longhorn#9205: it failed to restore.
		Label("clause:R-31", "clause:I-16", "clause:B-11"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod, small := filled(ctx, env, harness.Claim{Name: "source", Block: true})
			early := harness.Must(env.ReadyBackup(ctx, "small", claim))
			pod = harness.Must(env.Grow(ctx, claim, pod, 2*volumeMiB))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 2, OffsetMiB: 2*volumeMiB - 8, MiB: 8}))
			large := harness.Must(pod.Sum(ctx, workload.Content{MiB: 2 * volumeMiB}))
			snapshot := harness.Must(env.ReadyBackup(ctx, "large", claim))
			Expect(snapshot.Status.RestoreSize.Value()).To(BeNumerically("==", 2*volumeMiB<<20), "restoreSize of the later backup")

			told := harness.Must(env.BackupBehind(ctx, early)).Status.VolumeSize
			harness.Observe("B-11", told == fmt.Sprint(2*volumeMiB<<20), "the size of the earlier backup's volume, as it is told after the later backup: %s", told)
			reader := restored(ctx, env, "small", harness.Claim{Block: true})
			Expect(reader.Sum(ctx, workload.Content{MiB: 8})).To(Equal(small), "content of the restore of the earlier backup")
			reader = restored(ctx, env, "large", harness.Claim{Block: true, MiB: 2 * volumeMiB})
			Expect(reader.Sum(ctx, workload.Content{MiB: 2 * volumeMiB})).To(Equal(large), "content of the restore of the later backup")
		})

	It("into a larger claim is refused, or has the data and is Bound; whether the volume is as large is noted",
		Label("clause:R-31"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, _, written := filled(ctx, env, harness.Claim{Name: "source"})
			harness.Must(env.ReadyBackup(ctx, "backup", claim))
			more := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "more", MiB: 2 * volumeMiB, Snapshot: "backup"}))
			if outcome := env.Outcome(ctx, more); outcome != string(corev1.ClaimBound) {
				harness.Observe("R-31", false, "a larger claim: %s", outcome)
				return
			}
			more = harness.Must(env.WaitRestored(ctx, more))
			behind := harness.Must(longhorn.Volume(ctx, env.Client, harness.Must(env.HandleOf(ctx, more))))
			harness.Observe("R-31", behind.Spec.Size < 2*volumeMiB<<20, "a larger claim: Bound, %d bytes claimed, %d there", 2*volumeMiB<<20, behind.Spec.Size)
			reader := harness.Must(env.StartPod(ctx, "reader", more))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
		})
})
