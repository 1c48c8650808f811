package sidecar

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/s3front"
)

// asked is how often the sidecar must have asked before its pauses are compared: back-offs of 1, 2, 4 and 8 s.
const asked = 5

// askedAgain holds a backup and compares the pauses between what the sidecar asks.
func askedAgain(ctx SpecContext) {
	env := harness.BeginBackups(ctx)
	target, front, err := env.CreateFaultyTarget(ctx)
	Expect(err).NotTo(HaveOccurred())
	claim, _ := filled(ctx, env, target.Class)

	By("holding the upload")
	Expect(front.Set(ctx, s3front.Fault{Kind: s3front.Hold, Method: "PUT", Key: ".blk"})).To(Succeed())
	snapshot := harness.Must(env.CreateBackup(ctx, "backup", claim))
	harness.Must(env.WaitHandle(ctx, snapshot))
	Expect(front.WaitHeld(ctx, 1)).To(Succeed())
	content := harness.Must(env.ContentOf(ctx, harness.Must(env.Snapshot(ctx, "backup"))))
	pauses := harness.Must(env.WaitPauses(ctx, content.Name, asked))

	By("comparing the pauses between its questions")
	// From question to question, so that the answer's own time is in them. What the first answer changes in the
	// content may make the sidecar look once more at once: the last three count, which are 1, 2 and 4 s or more.
	last := pauses[len(pauses)-3:]
	for i, pause := range last {
		Expect(pause).To(BeNumerically(">=", time.Second<<i), "the back-off doubles with every question: %v", pauses)
	}
	Expect(last[2]).To(BeNumerically(">", last[0]), "the pauses grow: %v", pauses)
	waiting := harness.Must(env.Snapshot(ctx, "backup"))
	Expect(waiting.Status.ReadyToUse).NotTo(HaveValue(BeTrue()), "ready before it is complete")
	Expect(waiting.Status.Error).To(BeNil(), "a backup that is under way is no error")

	By("letting the upload go on")
	Expect(front.Clear(ctx)).To(Succeed())
	harness.Must(env.WaitBackedUp(ctx, snapshot))
}

var _ = Describe("sidecar", Label("sidecar"), func() {
	It("asks for a backup that is not ready again and again, each time after twice the back-off, without an error",
		Label("clause:S-04", "clause:C-30", "needs:B-28"), SpecTimeout(timeouts.Spec), askedAgain)

	// Serial, because before Longhorn 1.8 there is one backup target, which all volumes of the cluster share.
	It("before Longhorn 1.8 asks for a backup that is not ready again and again, each time after twice the back-off, without an error",
		Serial, Label("settings", "clause:S-04", "clause:C-30", "before:B-28"), SpecTimeout(timeouts.Spec), askedAgain)
})
