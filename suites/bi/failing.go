package bi

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/imageserver"
)

// failing asks for an image that cannot come about and expects a failed state with
// a reason, a pod that never starts, and that all of it can be deleted.
func failing(ctx SpecContext, checksum, file, behaviour string, query ...string) {
	env := harness.Begin(ctx)
	server := harness.Must(env.StartImageServer(ctx))
	keys := map[string]string{"url": server.URL(behaviour, file, query...)}
	if checksum != "" {
		keys[harness.HandleChecksum] = checksum
	}
	imported(ctx, env, "wanted", harness.ImageHandle(env.ImageName("wanted"), downloaded, keys))
	claim := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "restored", MiB: volumeMiB, Block: true, Snapshot: "wanted"}))

	By("waiting for the image to fail")
	why := harness.Must(env.WaitImageFailed(ctx, env.ImageName("wanted")))
	AddReportEntry("the image failed with: " + why)
	Expect(strings.TrimSpace(strings.TrimPrefix(why, "failed:"))).NotTo(BeEmpty(), "the image says why it failed")

	By("looking at the claim: refused, or its pod never starts")
	if outcome := env.Outcome(ctx, claim); outcome != string(corev1.ClaimBound) {
		AddReportEntry("the claim: " + outcome)
		return
	}
	text := harness.Must(env.NeverStarts(ctx, "reader", harness.Must(env.Claim(ctx, "restored")), "not ready for workloads"))
	AddReportEntry("the pod: " + text)
}

var _ = Describe("bi", Label("bi", "bi-download"), func() {
	DescribeTable("fails with a reason and gives no pod a volume when", failing, Label("clause:R-54"),
		Entry("the checksum is another", SpecTimeout(timeouts.Spec), strings.Repeat("0", 128), imageserver.Raw(4, 41), "good"),
		Entry("the URL leads nowhere", SpecTimeout(timeouts.Spec), "", imageserver.Raw(4, 42), "gone"),
		Entry("every download breaks off", SpecTimeout(timeouts.Spec), "", imageserver.Raw(4, 43), "truncated", "times=0"),
		Entry("the server announces more than there is", SpecTimeout(timeouts.Spec), "", imageserver.Raw(4, 44), "lying"),
		Entry("the server redirects for ever", SpecTimeout(timeouts.Spec), "", imageserver.Raw(4, 45), "loop"),
		Entry("it is a qcow2 image that names a backing file of the node", SpecTimeout(timeouts.Spec), "", imageserver.Backing, "good"),
		Entry("it is a qcow2 image whose data are in a file of the node", SpecTimeout(timeouts.Spec), "", imageserver.DataFile, "good"),
		Entry("it is a raw image that has no whole number of sectors", SpecTimeout(timeouts.Spec), "", imageserver.Unaligned, "good"),
		Entry("it is empty", SpecTimeout(timeouts.Spec), "", imageserver.Zero, "good"),
		Entry("the server redirects to the node's own metadata", Label("clause:R-55"), SpecTimeout(timeouts.Spec), "", imageserver.Raw(4, 46),
			"redirect-to", "to=http://169.254.169.254/latest/meta-data"),
	)
})

// throughTrouble asks for an image from a server that has trouble for a while. However that
// ends, it must be told truly: an image that is ready is whole.
func throughTrouble(ctx SpecContext, file, behaviour string, query ...string) {
	env := harness.Begin(ctx)
	server := harness.Must(env.StartImageServer(ctx))
	sums := harness.Must(server.Sums(ctx, file))
	imported(ctx, env, "wanted", harness.ImageHandle(env.ImageName("wanted"), downloaded, map[string]string{"url": server.URL(behaviour, file, query...)}))
	claim := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "restored", MiB: volumeMiB, Block: true, Snapshot: "wanted"}))
	failure := harness.Must(env.WaitImageEnd(ctx, env.ImageName("wanted")))
	AddReportEntry("requests", harness.Must(server.Stats(ctx)))
	if failure != "" {
		AddReportEntry("the image failed with: " + failure)
		return
	}
	reader := harness.Must(env.StartPod(ctx, "reader", harness.Must(env.WaitRestored(ctx, claim))))
	haveSum(ctx, reader, sums.VirtualSize>>20, sums.SHA256Content, "the volume from an image that is ready")
}

var _ = Describe("bi", Label("bi", "bi-download"), func() {
	DescribeTable("is whole or fails with a reason when the server", throughTrouble, Label("clause:R-54", "clause:R-40"),
		Entry("breaks off once", SpecTimeout(timeouts.Spec), imageserver.Raw(8, 71), "truncated", "times=1"),
		Entry("breaks off three times", SpecTimeout(timeouts.Spec), imageserver.RawQCOW2(8, 72), "truncated", "times=3"),
		Entry("is busy at first", SpecTimeout(timeouts.Spec), imageserver.Raw(8, 73), "busy", "times=2"),
		Entry("hangs once", SpecTimeout(timeouts.Spec), imageserver.Raw(8, 74), "hang", "times=1"),
		Entry("knows neither ranges nor versions", SpecTimeout(timeouts.Spec), imageserver.Raw(8, 75), "no-range"),
	)
})
