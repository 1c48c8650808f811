package bi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
	"github.com/muster-csi/muster/internal/imageserver"
)

var _ = Describe("bi", Label("bi", "bi-restore"), func() {
	It("restores into a claim that is larger, with zeros behind it, and never into one that is smaller",
		Label("clause:R-51", "clause:R-56"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			image, keys, sums := existing(ctx, env, imageserver.Raw(32, 31))
			imported(ctx, env, "imported", harness.ImageHandle(image.Name, downloaded, keys))

			less := harness.Must(env.CreateClaim(ctx, harness.Claim{Name: "less", MiB: 16, Block: true, Snapshot: "imported"}))
			harness.Must(env.StaysPending(ctx, less, "Internal", "volume size should be larger than the backing image size"))

			haveSum(ctx, restored(ctx, env, "equal", "imported", 32), 32, sums.SHA256Content, "the restore of equal size")
			reader := restored(ctx, env, "more", "imported", 128)
			haveSum(ctx, reader, 32, sums.SHA256Content, "the beginning of the larger restore")
			Expect(reader.Sum(ctx, workload.Content{OffsetMiB: 32, MiB: 96})).To(Equal(sumOf(nil, 96)), "SHA-256 of what lies behind the image")
		})

	It("before Longhorn 1.8 binds a claim that is too small, and no pod gets its volume",
		Label("before:R-51"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			image, keys, _ := existing(ctx, env, imageserver.Raw(32, 32))
			imported(ctx, env, "imported", harness.ImageHandle(image.Name, downloaded, keys))
			less := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: "less", MiB: 16, Block: true, Snapshot: "imported"}))
			AddReportEntry("the pod: " + harness.Must(env.NeverStarts(ctx, "reader", less, "not ready for workloads")))
		})

	It("restores an image whose size is no multiple of 2 MiB, with zeros behind it",
		Label("clause:R-56", "clause:R-45"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			image, keys, _ := existing(ctx, env, imageserver.Odd(32))
			imported(ctx, env, "imported", harness.ImageHandle(image.Name, downloaded, keys))
			var content bytes.Buffer
			Expect(imageserver.WriteContent(ctx, &content, imageserver.Odd(32))).To(Succeed())
			reader := restored(ctx, env, "restored", "imported", 16)
			haveSum(ctx, reader, 16, sumOf(content.Bytes(), 16), "the whole restore")
		})
})

// sumOf is the SHA-256 of the bytes with zeros behind them up to that many MiB.
func sumOf(content []byte, mib int) string {
	whole := make([]byte, mib<<20)
	copy(whole, content)
	sum := sha256.Sum256(whole)
	return hex.EncodeToString(sum[:])
}
