package csi

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"google.golang.org/grpc/codes"

	direct "github.com/muster-csi/muster/framework/csi"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

// badHandle is a handle that must not lead to a volume. VOLUME stands for a volume that exists, SNAPSHOT for a snapshot of it.
type badHandle struct {
	handle  string
	code    codes.Code
	message string
}

// typeOf is what a driver says about a handle of which it has read this type.
func typeOf(text string) string {
	return "invalid CSI snapshot type: " + text + ". Must be snap, bak or bi"
}

// withoutType are handles of which nothing can be read: a scheme alone counts for nothing.
func withoutType() []badHandle {
	var all []badHandle
	for _, handle := range []string{"", "backup-1", "vol/backup-1", "bi:backing?backingImage=x", "snap:/v/s", "snap", "://", "//v/s", "/", "v:s",
		"snap://", "snap://vol", "bak://vol", "bs://vol", "foo://vol", "BI://backing?backingImage=x", "SNAP://vol", "file://vol"} {
		all = append(all, badHandle{handle, codes.InvalidArgument, typeOf("")})
	}
	return all
}

// ofUnknownType are handles whose type is named in the refusal.
func ofUnknownType() []badHandle {
	var all []badHandle
	for _, name := range []string{"SNAP", "Snap", "BAK", "Bak", "BS", "foo", "snapshot", "backup", "snaps", "file", "s3", "nfs", "bak2", "vol"} {
		for _, rest := range []string{"v/x", "VOLUME/SNAPSHOT", "v/x/y"} {
			all = append(all, badHandle{name + "://" + rest, codes.InvalidArgument, typeOf(name)})
		}
	}
	return all
}

// ofMissing are handles in the right form of what does not exist.
var ofMissing = []badHandle{
	{"snap://vol/", codes.NotFound, "volume source snapshot snap://vol/ is not found"},
	{"snap://VOLUME/", codes.NotFound, "is not found"},
	{"bak://vol/", codes.NotFound, "volume source snapshot bak://vol/ is not found"},
	{"snap://no-such-volume/s", codes.Internal, "not found"},
	{"snap://no-such-volume/SNAPSHOT", codes.Internal, "not found"},
	{"snap://VOLUME/no-such-snapshot", codes.Internal, "not found"},
	{"bak://no-such-volume/b", codes.NotFound, "there is no backup volume"},
	{"bs://no-such-volume/b", codes.NotFound, "there is no backup volume"},
}

// unreadableImage are bi handles that lack a key or cannot be read.
func unreadableImage() []badHandle {
	var all []badHandle
	for _, handle := range []string{
		"bi://", "bi://backing", "bi://backing?", "bi://backing?backingImage=x", "bi://backing?backingImageDataSourceType=download",
		"bi://backing?backingImage=&backingImageDataSourceType=download", "bi://backing?backingImage=x&backingImageDataSourceType=",
		"bi://back ing?backingImage=x&backingImageDataSourceType=download", "bi://backing?backingImage=x;backingImageDataSourceType=download",
		"bi://backing#backingImage=x&backingImageDataSourceType=download", "bi://backing?x=backingImage&y=backingImageDataSourceType",
	} {
		all = append(all, badHandle{handle, codes.InvalidArgument, "invalid CSI snapshotHandle " + handle + " for backing image"})
	}
	return all
}

// impossibleImage are bi handles of a backing image that does not exist and cannot be made in this way.
var impossibleImage = []badHandle{
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=download", codes.InvalidArgument, "missing parameters url for preparing backing image"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=download&url=%zz", codes.InvalidArgument, "missing parameters url"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=download&url=", codes.InvalidArgument, "missing parameters url"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=export-from-volume&volume-name=VOLUME", codes.InvalidArgument, "missing parameters export-type or volume-name"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=export-from-volume&export-type=raw", codes.InvalidArgument, "missing parameters export-type or volume-name"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=export-from-volume", codes.InvalidArgument, "missing parameters export-type or volume-name"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=export-form-volume&volume-name=VOLUME&export-type=raw", codes.InvalidArgument, "is not supported via CSI"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=upload", codes.InvalidArgument, "is not supported via CSI"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=restore", codes.InvalidArgument, "is not supported via CSI"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=clone", codes.InvalidArgument, "is not supported via CSI"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=DOWNLOAD&url=http://h/a", codes.InvalidArgument, "is not supported via CSI"},
	{"bi://backing?backingImage=IMAGE&backingImageDataSourceType=download&url=http://h/a&backingImageChecksum=abc", codes.InvalidArgument, ""},
}

// refused restores each handle and wants every one refused as it says, with nothing left behind.
func refused(ctx SpecContext, handles []badHandle) {
	env, driver := begin(ctx)
	volume := harness.Must(driver.Volume(ctx, "source", 32))
	snapshot := harness.Must(driver.Snapshot(ctx, snapshotOf(volume.GetVolumeId(), driver.SnapshotName("s"), "snap")))
	image := env.ImageName("none")
	replace := strings.NewReplacer("VOLUME", volume.GetVolumeId(), "IMAGE", image,
		"SNAPSHOT", strings.TrimPrefix(snapshot.GetSnapshotId(), "snap://"+volume.GetVolumeId()+"/"))
	var cases []direct.Case
	names := make([]string, len(handles))
	for i, bad := range handles {
		names[i] = driver.Name(fmt.Sprint("from-", i))
		handle := replace.Replace(bad.handle)
		cases = append(cases, direct.Case{
			Name: fmt.Sprintf("from %q", handle), Request: direct.Restored(names[i], 32*mib, handle), Code: bad.code, Message: []string{replace.Replace(bad.message)},
		})
	}
	Expect(driver.Check(ctx, cases...)).To(Succeed())
	for i, name := range names {
		Expect(driver.Exists(ctx, name)).To(BeFalse(), "nothing may be made from %q", handles[i].handle)
	}
}

var _ = Describe("csi", Label("api"), func() {
	DescribeTable("refuses to make a volume from a handle", refused,
		Entry("of which nothing can be read", SpecTimeout(timeouts.Spec), Label("limits", "clause:H-10", "clause:H-11"), withoutType()),
		Entry("of an unknown type", SpecTimeout(timeouts.Spec), Label("limits", "clause:H-12"), ofUnknownType()),
		Entry("of what does not exist", SpecTimeout(timeouts.Spec),
			Label("limits", "clause:H-13", "clause:H-16", "clause:H-18", "clause:H-21", "clause:V-08"), ofMissing),
		Entry("of an image that cannot be read", SpecTimeout(timeouts.Spec), Label("bi", "clause:H-22"), unreadableImage()),
		Entry("of an image that does not exist and cannot be made", SpecTimeout(timeouts.Spec),
			Label("bi", "clause:H-26", "clause:R-41", "clause:R-43", "clause:R-44", "clause:R-50"), impossibleImage),
	)

	It("refuses a clone of another size or of nothing", SpecTimeout(timeouts.Spec), Label("restore", "clause:R-20", "clause:R-21"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		source := harness.Must(driver.Volume(ctx, "source", 32)).GetVolumeId()
		cases := []direct.Case{{
			Name: "of a missing volume", Request: direct.Cloned(driver.Name("missing"), 32*mib, "no-such-volume"),
			Code: codes.NotFound, Message: []string{"failed to clone volume: source volume no-such-volume is not found"},
		}}
		for i, size := range []int64{10, 30, 34, 64} {
			cases = append(cases, direct.Case{
				Name: fmt.Sprintf("of %d MiB from 32", size), Request: direct.Cloned(driver.Name(fmt.Sprint("size-", i)), size*mib, source), Code: codes.OutOfRange,
			})
		}
		Expect(driver.Check(ctx, cases...)).To(Succeed())
	})

	It("tells where a volume comes from", SpecTimeout(timeouts.Spec), Label("restore", "clause:V-10"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		source := harness.Must(driver.Volume(ctx, "source", 32)).GetVolumeId()
		snapshot := harness.Must(driver.Snapshot(ctx, snapshotOf(source, driver.SnapshotName("s"), "snap"))).GetSnapshotId()
		request := direct.Restored(driver.Name("restored"), 32*mib, snapshot)
		request.Parameters = map[string]string{"numberOfReplicas": "1", "staleReplicaTimeout": "30"}
		restored := harness.Must(driver.Make(ctx, request))
		Expect(restored.GetContentSource().GetSnapshot().GetSnapshotId()).To(Equal(snapshot), "the content source comes back")
		Expect(restored.GetVolumeContext()).To(HaveKeyWithValue("numberOfReplicas", "1"))
		Expect(restored.GetVolumeContext()).To(HaveKeyWithValue("staleReplicaTimeout", "30"))
		Expect(restored.GetVolumeContext()).To(HaveKeyWithValue("dataSource", snapshot))
	})
})
