package bak

import (
	"fmt"
	"sync"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// each is how many backups of each of two volumes are asked for at the same time.
const each = 10

var _ = Describe("bak", Label("bak", "bak-many"), func() {
	// longhorn/longhorn#11429: some of them kept an error that was over.
	It("twenty times at once, ten of each of two volumes under load, are all ready, each its own and without an error left",
		Label("clause:C-39", "clause:C-30"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			var claims []*corev1.PersistentVolumeClaim
			for _, name := range []string{"one", "two"} {
				claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: name, MiB: volumeMiB}))
				writer := harness.Must(env.StartWriter(ctx, name+"-writer", claim))
				harness.Must(writer.Write(ctx, workload.Content{Seed: 1, MiB: 4}))
				claims = append(claims, claim)
			}

			By("creating all of them before waiting for any")
			ready := make([][]*snapshotv1.VolumeSnapshot, len(claims))
			failures := make([]error, len(claims))
			var all sync.WaitGroup
			for i, claim := range claims {
				names := make([]string, each)
				for n := range names {
					names[n] = fmt.Sprintf("%s-%d", claim.Name, n)
				}
				all.Go(func() { ready[i], failures[i] = env.ReadyBackups(ctx, names, claim) })
			}
			all.Wait()
			Expect(failures).To(HaveEach(BeNil()))

			By("comparing them")
			seen := map[string]string{}
			for i, snapshots := range ready {
				volume := harness.Must(env.HandleOf(ctx, claims[i]))
				for _, snapshot := range snapshots {
					Expect(snapshot.Status.Error).To(BeNil(), "error of %s, which is ready", snapshot.Name)
					of, name := namesOf(ctx, env, snapshot)
					Expect(of).To(Equal(volume), "volume in the handle of %s", snapshot.Name)
					Expect(seen).NotTo(HaveKey(name), "backup %s of %s", name, snapshot.Name)
					seen[name] = snapshot.Name
					behind := harness.Must(env.BackupBehind(ctx, snapshot))
					Expect(behind.Spec.SnapshotName).To(Equal("snapshot-"+string(snapshot.UID)), "the backup of %s is of its own snapshot", snapshot.Name)
				}
			}
			Expect(seen).To(HaveLen(2 * each))
		})
})
