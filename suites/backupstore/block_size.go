package backupstore

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// volumeMiB is the size of volumes here.
const volumeMiB = 64

// blocksOf backs up a volume of a class, looks at the blocks in the bucket and restores them.
func blocksOf(ctx SpecContext, env *harness.Env, name, class string, bytes int64) {
	claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: name, MiB: volumeMiB, Block: true, Class: class}))
	pod := harness.Must(env.StartPod(ctx, name+"-user", claim))
	harness.Must(pod.Write(ctx, workload.Content{Seed: 1, OffsetMiB: 14, MiB: 4}))
	whole := harness.Must(pod.Sum(ctx, workload.Content{MiB: volumeMiB}))
	volume, backup, err := harness.SplitHandle(harness.Must(env.SnapshotHandleOf(ctx, harness.Must(env.ReadyBackup(ctx, name, claim)))))
	Expect(err).NotTo(HaveOccurred())

	stored, there := harness.Must(env.Audit(ctx, "", true, volume)).Backup(volume, backup)
	Expect(there).To(BeTrue(), "the bucket has the backup")
	Expect(stored.BlockSize).To(Equal(bytes), "bytes in a block, as the backup's config says")
	Expect(stored.Size).To(Equal(int64(stored.BlockCount)*bytes), "size of the backup")
	restored := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: name + "-restored", MiB: volumeMiB, Block: true, Snapshot: name}))
	reader := harness.Must(env.StartPod(ctx, name+"-reader", restored))
	Expect(reader.Sum(ctx, workload.Content{MiB: volumeMiB})).To(Equal(whole), "SHA-256 of the restore")
}

var _ = Describe("backupstore", Label("backupstore"), func() {
	It("has blocks of 2 MiB, or of 16 MiB where the volume's class says so, which then must fit into the volume",
		Label("clause:B-01", "clause:B-06"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			blocksOf(ctx, env, "usual", harness.ClassExt4, 2<<20)
			if !env.Follows("1.10") {
				return
			}
			class := harness.Must(env.CreateStorageClass(ctx, harness.WithParameters(map[string]string{"backupBlockSize": "16777216"})))
			blocksOf(ctx, env, "large", class, 16<<20)
			odd := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "odd", MiB: volumeMiB + 2, Block: true, Class: class}))
			harness.Must(env.StaysPending(ctx, odd, "multiple of the backup block size"))
		})
})
