package csi

import (
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"google.golang.org/grpc/codes"

	direct "github.com/muster-csi/muster/framework/csi"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

func deletion(handle string) *csi.DeleteSnapshotRequest {
	return &csi.DeleteSnapshotRequest{SnapshotId: handle}
}

var _ = Describe("csi", Label("api", "lifecycle"), func() {
	It("refuses to delete a snapshot without a name", SpecTimeout(timeouts.Spec), Label("clause:D-01", "clause:D-03"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		Expect(driver.Check(ctx,
			direct.Case{Name: "of nothing", Request: deletion(""), Code: codes.InvalidArgument, Message: []string{"missing snapshot id in request"}},
			direct.Case{Name: "of snap://v/", Request: deletion("snap://v/"), Code: codes.NotFound, Message: []string{"volume source snapshot snap://v/ is not found"}},
			direct.Case{Name: "of bak://v/", Request: deletion("bak://v/"), Code: codes.NotFound, Message: []string{"volume source snapshot bak://v/ is not found"}},
		)).To(Succeed())
	})

	It("takes what does not exist for deleted", SpecTimeout(timeouts.Spec),
		Label("clause:D-05", "clause:D-06", "clause:D-08", "both:D-11"), func(ctx SpecContext) {
			env, driver := begin(ctx)
			volume := harness.Must(driver.Volume(ctx, "source", 16)).GetVolumeId()
			handles := []string{"snap://" + volume + "/missing", "snap://no-such-volume/missing",
				"bak://" + volume + "/backup-0123456789abcdef", "bak://no-such-volume/backup-0123456789abcdef", "bs://no-such-volume/backup-0123456789abcdef"}
			if env.Follows("1.5") {
				handles = append(handles, harness.ImageHandle(env.ImageName("none"), "export-from-volume", nil), harness.ImageHandle(env.ImageName("none"), "download", nil))
			}
			var cases []direct.Case
			for _, handle := range handles {
				cases = append(cases, direct.Case{Name: "of " + handle, Request: deletion(handle)}, direct.Case{Name: "again of " + handle, Request: deletion(handle)})
			}
			Expect(driver.CheckInTurn(ctx, cases...)).To(Succeed())
		})

	It("deletes by a handle that cannot be read nothing at all", SpecTimeout(timeouts.Spec), Label("clause:D-02", "both:D-12"), func(ctx SpecContext) {
		env, driver := begin(ctx)
		volume := harness.Must(driver.Volume(ctx, "source", 16)).GetVolumeId()
		snapshot := harness.Must(driver.Snapshot(ctx, snapshotOf(volume, driver.SnapshotName("kept"), "snap")))
		name := strings.TrimPrefix(snapshot.GetSnapshotId(), "snap://"+volume+"/")
		silent := []string{}
		unreadable := []string{"garbage", name, volume + "/" + name, "foo://" + volume + "/" + name, "SNAP://" + volume + "/" + name, "snap://" + volume, "://" + volume + "/" + name}
		for _, handle := range unreadable {
			_, err := direct.Call[*csi.DeleteSnapshotResponse](ctx, driver.Conn(), deletion(handle))
			Expect(direct.Status(err).Code()).To(BeElementOf(codes.OK, codes.InvalidArgument), "the deletion of %q: %v", handle, err)
			if err == nil {
				silent = append(silent, handle)
			}
		}
		behind, err := longhorn.Snapshot(ctx, env.Client, name)
		Expect(err).NotTo(HaveOccurred(), "the snapshot that none of them names must be left alone")
		Expect(longhorn.Removed(behind)).To(BeFalse(), "the snapshot that none of them names must be left alone")
		harness.Observe("D-02", len(silent) > 1, "deleted without an error: %q of %q", silent, unreadable)

		_, err = direct.Call[*csi.DeleteSnapshotResponse](ctx, driver.Conn(), deletion("bi://backing"))
		code := direct.Status(err).Code()
		harness.Observe("D-12", code == codes.Internal, "the answer to bi://backing is %s", code)
	})
})
