package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// restoreOf backs up a volume, changes it and compares a restore with what was there before.
func restoreOf(ctx SpecContext, want harness.Claim) {
	env := harness.BeginBackups(ctx)
	want.Name, want.MiB = "source", 512 // room for xfs
	claim, pod := inUse(ctx, env, want)
	whole := workload.Content{MiB: 40}
	atTheCut := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 40}))
	snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
	harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 40}))

	reader := restored(ctx, env, "backup", want)
	Expect(reader.Sum(ctx, whole)).To(Equal(atTheCut), "SHA-256 of the restore")

	if want.Block {
		By("reading the same range from the bucket alone")
		volume, name := namesOf(ctx, env, snapshot)
		Expect(env.SHA256InBucket(ctx, "", volume, name, 0, 40<<20)).To(Equal(atTheCut), "SHA-256 of what the bucket holds")
	}
}

var _ = Describe("bak", Label("bak", "bak-restore"), func() {
	DescribeTable("restores the data of the moment of the request, whatever was written since, on", restoreOf,
		Label("clause:R-30", "clause:R-38"),
		Entry("ext4", SpecTimeout(timeouts.Spec), harness.Claim{}),
		Entry("xfs", SpecTimeout(timeouts.Spec), harness.Claim{Class: harness.ClassXFS}),
		Entry("a raw block device, as the bucket alone does", SpecTimeout(timeouts.Spec), harness.Claim{Block: true}),
	)

	It("restores zeros where zeros were written over backed up data",
		Label("clause:R-30", "clause:B-08"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			claim, pod := inUse(ctx, env, harness.Claim{Name: "source", MiB: volumeMiB, Block: true})
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 16}))
			volume, first := namesOf(ctx, env, harness.Must(env.ReadyBackup(ctx, "first", claim)))

			By("writing zeros over whole blocks and over a part of one")
			Expect(pod.Zero(ctx, workload.Content{OffsetMiB: 4, MiB: 6})).To(Succeed())
			Expect(pod.Zero(ctx, workload.Content{OffsetMiB: 13, MiB: 1})).To(Succeed())
			now := harness.Must(pod.Sum(ctx, workload.Content{MiB: volumeMiB}))
			_, second := namesOf(ctx, env, harness.Must(env.ReadyBackup(ctx, "second", claim)))

			reader := restored(ctx, env, "second", harness.Claim{Block: true})
			Expect(reader.Sum(ctx, workload.Content{MiB: volumeMiB})).To(Equal(now), "SHA-256 of the whole restored device")
			found := harness.Must(env.Audit(ctx, "", true, volume))
			one, _ := found.Backup(volume, first)
			two, _ := found.Backup(volume, second)
			harness.Observe("B-08", len(two.Blocks) >= len(one.Blocks), "%d blocks before zeros were written over 3 of them, %d after", len(one.Blocks), len(two.Blocks))
		})
})
