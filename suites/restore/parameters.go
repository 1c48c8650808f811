package restore

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// classFrom makes a StorageClass that has a parameter for what its volumes are made from, and one for how often a
// replica may be away, by which the class can be told.
func classFrom(ctx context.Context, env *harness.Env, key, value string) string {
	return harness.Must(env.CreateStorageClass(ctx, func(class *storagev1.StorageClass) {
		class.Parameters[key], class.Parameters["staleReplicaTimeout"] = value, "1234"
	}))
}

// contentWins compares a claim of the class without a source, which has what the class says, with one that has a
// VolumeSnapshot as source. Other and own are the SHA-256 of the two.
func contentWins(ctx SpecContext, env *harness.Env, class, snapshot, other, own string) {
	plain := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "by-class", MiB: 64, Class: class}))
	reader := harness.Must(env.StartPod(ctx, "by-class", plain))
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(other), "SHA-256 of a claim that only the class gives data")

	both := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "by-both", MiB: 64, Class: class, Snapshot: snapshot}))
	behind := harness.Must(longhorn.Volume(ctx, env.Client, harness.Must(env.HandleOf(ctx, both))))
	Expect(behind.Spec.StaleReplicaTimeout).To(Equal(1234), "another parameter of the class")
	reader = harness.Must(env.StartPod(ctx, "by-both", both))
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(own), "SHA-256 of a claim that class and VolumeSnapshot give data")
}

// twoFilled makes two volumes with different content in use.
func twoFilled(ctx context.Context, env *harness.Env) (sums [2]string) {
	for i, name := range []string{"other", "own"} {
		claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: name, MiB: 64}))
		pod := harness.Must(env.StartPod(ctx, name, claim))
		sums[i] = harness.Must(pod.Write(ctx, workload.Content{Seed: int64(i + 1), MiB: 8}))
	}
	return sums
}

var _ = Describe("restore", Label("restore"), func() {
	It("has the data of its VolumeSnapshot although its StorageClass names another snapshot",
		Label("clause:V-13"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			sums := twoFilled(ctx, env)
			other := harness.Must(env.ReadySnapshot(ctx, "other", harness.Must(env.Claim(ctx, "other"))))
			harness.Must(env.ReadySnapshot(ctx, "own", harness.Must(env.Claim(ctx, "own"))))
			class := classFrom(ctx, env, "dataSource", harness.Must(env.SnapshotHandleOf(ctx, other)))
			contentWins(ctx, env, class, "own", sums[0], sums[1])
		})

	It("has the data of its backup although its StorageClass names another backup",
		Label("clause:V-13"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			sums := twoFilled(ctx, env)
			other := harness.Must(env.ReadyBackup(ctx, "other", harness.Must(env.Claim(ctx, "other"))))
			harness.Must(env.ReadyBackup(ctx, "own", harness.Must(env.Claim(ctx, "own"))))
			class := classFrom(ctx, env, "fromBackup", harness.Must(env.BackupBehind(ctx, other)).Status.URL)
			contentWins(ctx, env, class, "own", sums[0], sums[1])
		})
})
