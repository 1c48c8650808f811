package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

// intoNFS backs up into an NFS server, restores from there and deletes there.
func intoNFS(ctx SpecContext) {
	env := harness.BeginBackups(ctx)
	env.NeedsNFS(ctx)
	target := harness.Must(env.CreateNFSTarget(ctx))
	Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
	claim, pod, written := filled(ctx, env, harness.Claim{Name: "source", Class: target.Class})
	snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
	_, name := namesOf(ctx, env, snapshot)
	harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 8}))

	reader := restored(ctx, env, "backup", harness.Claim{})
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
	Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
	Expect(env.WaitBackupGone(ctx, name)).To(Succeed())
}

var _ = Describe("bak", Label("bak", "bak-target", "nfs"), func() {
	It("into an NFS server is restored from there, and deleted there",
		Label("clause:B-23", "clause:R-30", "needs:B-28"), SpecTimeout(timeouts.Spec), intoNFS)
})
