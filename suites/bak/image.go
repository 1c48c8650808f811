package bak

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("bak", Label("bak", "bak-restore"), func() {
	It("of a volume that began with a backing image restores what the image held and what was written since",
		Label("clause:R-32"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			source, pod := inUse(ctx, env, harness.Claim{Name: "source", MiB: volumeMiB, Block: true})
			harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 24}))
			By("exporting an image without CSI, as every release can")
			image := harness.Must(env.CreateImage(ctx, "image", "export-from-volume", "", map[string]string{
				"volume-name": harness.Must(env.HandleOf(ctx, source)), "export-type": "raw",
			}))
			harness.Must(env.WaitImageReady(ctx, image.Name))
			class := harness.Must(env.CreateStorageClass(ctx, harness.WithParameters(map[string]string{
				"backingImage": image.Name, "backingImageDataSourceType": "export-from-volume",
			})))

			By("backing up a volume that begins with the image and has been written to")
			begun := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "begun", MiB: volumeMiB, Block: true, Class: class}))
			user := harness.Must(env.StartPod(ctx, "begun-user", begun))
			harness.Must(user.Write(ctx, workload.Content{Seed: 2, OffsetMiB: 20, MiB: 8}))
			whole := harness.Must(user.Sum(ctx, workload.Content{MiB: volumeMiB}))
			snapshot := harness.Must(env.ReadyBackup(ctx, "backup", begun))
			named := harness.Must(env.BackupBehind(ctx, snapshot)).Status.VolumeBackingImageName

			reader := restored(ctx, env, "backup", harness.Claim{Block: true})
			Expect(reader.Sum(ctx, workload.Content{MiB: volumeMiB})).To(Equal(whole), "SHA-256 of the whole restored device")
			behind := harness.Must(longhorn.Volume(ctx, env.Client, harness.Must(env.HandleOf(ctx, harness.Must(env.Claim(ctx, "from-backup"))))))
			Expect(behind.Spec.BackingImage).To(Equal(named), "the restored volume begins with what its backup names")
			Expect(named).To(Or(BeEmpty(), Equal(image.Name)), "the image that the backup names, if it does not hold everything itself")
			AddReportEntry(fmt.Sprintf("the backup names backing image %q", named))
		})
})
