package bak

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("bak", Label("bak", "bak-restore", "bak-delete"), func() {
	It("in a chain of three uploads only what changed, and each restores its own state, also after the middle one was deleted",
		Label("clause:B-06", "clause:B-07", "clause:B-09", "clause:D-24", "clause:R-30"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod := inUse(ctx, env, harness.Claim{Name: "source", MiB: volumeMiB, Block: true})
			volume := harness.Must(env.HandleOf(ctx, claim))
			whole := workload.Content{MiB: volumeMiB}

			By("writing whole blocks and backing up, three times, with a local snapshot in between")
			changes := [][]workload.Content{
				{{Seed: 1, MiB: 16 * blockMiB}},
				{{Seed: 2, OffsetMiB: 3 * blockMiB, MiB: 2 * blockMiB}},
				{{Seed: 3, OffsetMiB: 8 * blockMiB, MiB: blockMiB}, {Seed: 4, OffsetMiB: 20 * blockMiB, MiB: 2 * blockMiB}},
			}
			var names, sums []string
			for i, change := range changes {
				for _, content := range change {
					harness.Must(pod.Write(ctx, content))
				}
				sums = append(sums, harness.Must(pod.Sum(ctx, whole)))
				_, name := namesOf(ctx, env, harness.Must(env.ReadyBackup(ctx, fmt.Sprintf("backup-%d", i), claim)))
				names = append(names, name)
				if i == 0 { // what changes before this snapshot is in no later difference to it
					harness.Must(pod.Write(ctx, workload.Content{Seed: 9, OffsetMiB: 14 * blockMiB, MiB: blockMiB}))
					harness.Must(env.ReadySnapshot(ctx, "between", claim))
				}
			}

			By("looking at what each of them uploaded")
			found := harness.Must(env.Audit(ctx, "", true, volume))
			one, _ := found.Backup(volume, names[0])
			two, _ := found.Backup(volume, names[1])
			three, _ := found.Backup(volume, names[2])
			Expect(one.BlockCount).To(Equal(16), "blocks of the first")
			Expect(two.Without(one)).To(HaveLen(3), "three changed blocks are three new objects")
			Expect(three.Without(two)).To(HaveLen(3), "three changed blocks are three new objects")
			Expect(three.BlockCount).To(Equal(18), "the last one holds everything that the volume does")
			Expect(three.NewlyUploaded).To(BeNumerically("<", 4*blockMiB<<20), "bytes that the last one uploaded")

			By("deleting the middle one")
			middle := harness.Must(env.Snapshot(ctx, "backup-1"))
			Expect(env.DeleteSnapshot(ctx, middle)).To(Succeed())
			Expect(env.WaitBackupGone(ctx, names[1])).To(Succeed())
			found = harness.Must(env.Audit(ctx, "", false, volume))
			Expect(found.Err()).NotTo(HaveOccurred(), "the bucket has what the others need and nothing else")

			By("restoring the others")
			for _, i := range []int{0, 2} {
				reader := restored(ctx, env, fmt.Sprintf("backup-%d", i), harness.Claim{Block: true})
				Expect(reader.Sum(ctx, whole)).To(Equal(sums[i]), "SHA-256 of the restore of backup %d", i)
			}
		})
})
