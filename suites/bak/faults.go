package bak

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/s3front"
)

// onBlocks is a fault of requests that carry blocks, after some have passed.
func onBlocks(kind s3front.Kind, method string, count int) s3front.Fault {
	return s3front.Fault{Kind: kind, Method: method, Key: ".blk", Skip: 2, Count: count}
}

// throughTrouble takes a backup while the way to the store is faulty. However it
// ends, it must be told truly, and the next backup and a restore of it work.
func throughTrouble(ctx SpecContext, fault s3front.Fault) {
	env := harness.BeginBackups(ctx)
	target, front, err := env.CreateFaultyTarget(ctx)
	Expect(err).NotTo(HaveOccurred())
	claim, pod := inUse(ctx, env, harness.Claim{Name: "source", MiB: volumeMiB, Class: target.Class, Block: true})
	whole := workload.Content{MiB: volumeMiB}
	harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 24}))
	before := harness.Must(pod.Sum(ctx, whole))

	By("backing up while the way to the store is faulty: " + fault.String())
	Expect(front.Set(ctx, fault)).To(Succeed())
	snapshot := harness.Must(env.CreateBackup(ctx, "troubled", claim))
	failure := harness.Must(env.WaitBackupEnd(ctx, snapshot))
	AddReportEntry("the backup ended with: " + failure)
	Expect(front.Clear(ctx)).To(Succeed())
	if failure == "" {
		reader := restored(ctx, env, "troubled", harness.Claim{Block: true})
		Expect(reader.Sum(ctx, whole)).To(Equal(before), "SHA-256 of the restore of a backup that says it is ready")
	} else {
		Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed(), "a failed backup can be deleted")
	}

	By("taking the next backup")
	harness.Must(pod.Write(ctx, workload.Content{Seed: 2, OffsetMiB: 4, MiB: 8}))
	now := harness.Must(pod.Sum(ctx, whole))
	Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
	harness.Must(env.ReadyBackup(ctx, "next", claim))

	By("restoring it while the first download of a block breaks off")
	Expect(front.Set(ctx, s3front.Fault{Kind: s3front.TruncateDownload, Method: "GET", Key: ".blk", Count: 1})).To(Succeed())
	target1 := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "from-next", MiB: volumeMiB, Snapshot: "next", Block: true}))
	if failure := harness.Must(env.WaitRestoreEnd(ctx, target1)); failure != "" {
		AddReportEntry("the restore ended with: " + failure)
		target1 = harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "again", MiB: volumeMiB, Snapshot: "next", Block: true}))
	}
	Expect(harness.Must(front.Stats(ctx)).Hits).To(BeNumerically(">=", 1), "the download did break off")
	reader := harness.Must(env.StartPod(ctx, "next-reader", target1))
	Expect(reader.Sum(ctx, whole)).To(Equal(now), "SHA-256 of the restore")
}

var _ = Describe("bak", Label("bak", "bak-fault"), func() {
	DescribeTable("is whole or fails with an error, and the next one works, when the store", throughTrouble,
		Label("clause:B-05", "both:C-34", "clause:C-39", "clause:R-30", "needs:B-28"),
		Entry("is busy for a while (503)", SpecTimeout(timeouts.Spec), onBlocks(s3front.Unavailable, "PUT", 3)),
		Entry("stays busy (503)", SpecTimeout(timeouts.Spec), onBlocks(s3front.Unavailable, "PUT", 0)),
		Entry("is out of space (507)", SpecTimeout(timeouts.Spec), onBlocks(s3front.StorageFull, "PUT", 0)),
		Entry("has another time (403)", SpecTimeout(timeouts.Spec), onBlocks(s3front.ClockSkew, "PUT", 0)),
		Entry("refuses the backup's config at its end", SpecTimeout(timeouts.Spec), s3front.Fault{Kind: s3front.ClockSkew, Method: "PUT", Key: "/backups/", Skip: 1}),
		Entry("breaks off uploads", SpecTimeout(timeouts.Spec), onBlocks(s3front.TruncateUpload, "PUT", 2)),
		Entry("resets connections", SpecTimeout(timeouts.Spec), s3front.Fault{Kind: s3front.Reset}),
		Entry("refuses connections", SpecTimeout(timeouts.Spec), s3front.Fault{Kind: s3front.Refuse}),
		Entry("hangs", SpecTimeout(timeouts.Spec), s3front.Fault{Kind: s3front.Hang}),
		Entry("is slow", SpecTimeout(timeouts.Spec), s3front.Fault{Kind: s3front.Slow, KilobytesPerSecond: 4000}),
	)
})
