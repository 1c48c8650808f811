package bak

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/s3"
)

// breakage is one way in which a backup target cannot be used.
type breakage struct {
	// spoil makes the target unusable, mend undoes that.
	spoil, mend func(context.Context, *harness.Env, *harness.Target) error
	// reason is in what the BackupTarget says, "" when it need not say anything.
	reason string
}

// withCredentials changes one value of the target's secret and puts it right again.
func withCredentials(key string, change func([]byte) []byte, reason string) breakage {
	set := func(ctx context.Context, env *harness.Env, target *harness.Target, change func([]byte) []byte) error {
		good, err := env.StoreCredentials(ctx)
		if err != nil {
			return err
		}
		return env.SetCredentials(ctx, target, harness.WithValue(good, key, change))
	}
	return breakage{
		spoil: func(ctx context.Context, env *harness.Env, target *harness.Target) error {
			return set(ctx, env, target, change)
		},
		mend: func(ctx context.Context, env *harness.Env, target *harness.Target) error {
			return set(ctx, env, target, func(value []byte) []byte { return value })
		},
		reason: reason,
	}
}

// withURL points the target elsewhere and back.
func withURL(url, reason string) breakage {
	return breakage{
		spoil: func(ctx context.Context, env *harness.Env, target *harness.Target) error {
			return env.SetTargetURL(ctx, target, url)
		},
		mend: func(ctx context.Context, env *harness.Env, target *harness.Target) error {
			return env.SetTargetURL(ctx, target, target.URL)
		},
		reason: reason,
	}
}

// unusable asks for a backup while its target cannot be used and mends the target.
func unusable(ctx SpecContext, broken breakage) {
	env := harness.BeginBackups(ctx)
	target := harness.Must(env.CreateTarget(ctx, nil))
	Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
	claim, _, written := filled(ctx, env, harness.Claim{Name: "source", Class: target.Class})
	volume := harness.Must(env.HandleOf(ctx, claim))

	By("spoiling the target")
	Expect(broken.spoil(ctx, env, target)).To(Succeed())
	if broken.reason != "" {
		why := harness.Must(env.WaitUnavailable(ctx, target.Name, broken.reason))
		credentials := harness.Must(env.StoreCredentials(ctx))
		Expect(why).NotTo(ContainSubstring(string(credentials[s3.KeySecretAccessKey])), "the reason shows no secret")
	} else {
		Expect(env.WaitNotAvailable(ctx, target.Name)).To(Succeed())
	}
	snapshot := harness.Must(env.CreateBackup(ctx, "backup", claim))
	harness.Must(env.WaitRefused(ctx, snapshot, "backup target", "not available"))

	By("waiting until the sidecar has asked again: nothing is made")
	Expect(env.WaitAskedAgain(ctx, snapshot)).To(Succeed())
	Expect(longhorn.BackupsOf(ctx, env.Client, volume)).To(BeEmpty(), "no Backup is made")
	Expect(longhorn.SnapshotsOf(ctx, env.Client, volume)).To(BeEmpty(), "no local snapshot is made")

	By("mending the target: the same VolumeSnapshot becomes ready and its error goes")
	Expect(broken.mend(ctx, env, target)).To(Succeed())
	Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
	snapshot = harness.Must(env.WaitBackedUp(ctx, snapshot))
	Expect(snapshot.Status.Error).To(BeNil(), "the error that is over")
	Expect(longhorn.BackupsOf(ctx, env.Client, volume)).To(HaveLen(1), "one backup for all those requests")
	reader := restored(ctx, env, "backup", harness.Claim{})
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
}

// deletedWithoutTarget deletes a VolumeSnapshot whose target is not set, and finds its backup when it is set again.
func deletedWithoutTarget(ctx SpecContext) {
	env := harness.BeginBackups(ctx)
	target := harness.Must(env.CreateTarget(ctx, nil))
	Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
	claim, _, written := filled(ctx, env, harness.Claim{Name: "source", Class: target.Class})
	snapshot := harness.Must(env.ReadyBackup(ctx, "backup", claim))
	volume, name := namesOf(ctx, env, snapshot)
	handle := harness.Must(env.SnapshotHandleOf(ctx, snapshot))

	By("unsetting the target and deleting the VolumeSnapshot")
	Expect(env.SetTargetURL(ctx, target, "")).To(Succeed())
	Expect(env.WaitNotAvailable(ctx, target.Name)).To(Succeed())
	content := harness.Must(env.ContentOf(ctx, snapshot))
	Expect(env.DeleteSnapshot(ctx, snapshot)).To(Succeed())
	Expect(harness.UntilGone(ctx, env.Cluster, content, timeouts.SnapshotDeleted)).To(Succeed())
	Expect(env.WaitBackupGone(ctx, name)).To(Succeed())
	found := harness.Must(env.Audit(ctx, target.Prefix, true, volume))
	_, there := found.Backup(volume, name)
	Expect(there).To(BeTrue(), "the bucket still has the backup")

	By("setting the target again: the driver finds the backup, which can be restored")
	Expect(env.SetTargetURL(ctx, target, target.URL)).To(Succeed())
	Expect(env.WaitAvailable(ctx, target.Name)).To(Succeed())
	Expect(env.WaitBackupKnown(ctx, name)).To(Succeed())
	env.OnCleanup(func(ctx context.Context) error { return env.DeleteBackup(ctx, name) })
	harness.Must(env.ImportHandle(ctx, "imported", handle, "Filesystem"))
	reader := restored(ctx, env, "imported", harness.Claim{})
	Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "content of the restore")
}

var _ = Describe("bak", Label("bak", "bak-target"), func() {
	// longhorn/longhorn#10501: every retry made another backup; #13195: a target without URL stayed available.
	DescribeTable("whose target cannot be used is refused and makes nothing, and is made when the target is mended, after", unusable,
		Label("clause:C-32", "needs:B-28"),
		Entry("the URL was taken away", Label("clause:B-28"), SpecTimeout(timeouts.Spec), withURL("", "")),
		Entry("the URL got a bucket that does not exist", SpecTimeout(timeouts.Spec), withURL("s3://no-such-bucket@us-east-1/", "NoSuchBucket")),
		Entry("a credential got a new line at its end", Label("clause:B-26"), SpecTimeout(timeouts.Spec),
			withCredentials(s3.KeyAccessKeyID, func(value []byte) []byte { return append(value, '\n') }, s3.KeyAccessKeyID)),
		Entry("the endpoint got a port where nobody listens", SpecTimeout(timeouts.Spec),
			withCredentials(s3.KeyEndpoints, func([]byte) []byte { return []byte("https://minio-service.default:9") }, "minio-service.default:9")),
	)

	// longhorn/longhorn#4979: the VolumeSnapshot could not be deleted.
	It("can be deleted while its target is not set, and what is in the bucket stays there",
		Label("clause:D-28", "needs:B-28"), SpecTimeout(timeouts.Spec), deletedWithoutTarget)
})
