package csi

import (
	"fmt"
	"sync"

	"github.com/container-storage-interface/spec/lib/go/csi"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	direct "github.com/muster-csi/muster/framework/csi"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

// snapshotTypes are what a class may say; the empty one means a backup.
func snapshotTypes(env *harness.Env) []string {
	types := []string{"", "snap", "bak", "bs"}
	if env.Follows("1.5") {
		types = append(types, "bi")
	}
	return types
}

func snapshotOf(volume, name, kind string) *csi.CreateSnapshotRequest {
	return &csi.CreateSnapshotRequest{Name: name, SourceVolumeId: volume, Parameters: map[string]string{"type": kind}}
}

var _ = Describe("csi", Label("api", "snap"), func() {
	It("refuses a snapshot of an unknown type before anything else", SpecTimeout(timeouts.Spec), Label("clause:C-05"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		volume := harness.Must(driver.Volume(ctx, "source", 16)).GetVolumeId()
		var cases []direct.Case
		for _, kind := range []string{"SNAP", "Snap", "BAK", "BI", "BS", "invalid", "snapshot", "backup", " snap", "snap ", "snap,bak", "null", "false", "0", "snap\x00"} {
			for _, request := range []*csi.CreateSnapshotRequest{
				snapshotOf("", "", kind), snapshotOf("", "s", kind), snapshotOf("no-such-volume", "s", kind), snapshotOf(volume, driver.SnapshotName("s"), kind),
			} {
				cases = append(cases, direct.Case{
					Name: fmt.Sprintf("of type %q of volume %q", kind, request.GetSourceVolumeId()), Request: request,
					Code: codes.InvalidArgument, Message: []string{"invalid CSI snapshot type: " + kind + ". Must be snap or bak"},
				})
			}
		}
		Expect(driver.CheckInTurn(ctx, cases...)).To(Succeed())
	})

	It("refuses a snapshot without source or name, the source first", SpecTimeout(timeouts.Spec), Label("clause:C-06", "clause:C-07"), func(ctx SpecContext) {
		env, driver := begin(ctx)
		volume := harness.Must(driver.Volume(ctx, "source", 16)).GetVolumeId()
		var cases []direct.Case
		for _, kind := range snapshotTypes(env) {
			cases = append(cases,
				direct.Case{Name: "of type " + kind + " without both", Request: snapshotOf("", "", kind), Code: codes.InvalidArgument, Message: []string{"Volume name must be provided"}},
				direct.Case{Name: "of type " + kind + " without source", Request: snapshotOf("", "s", kind), Code: codes.InvalidArgument, Message: []string{"Volume name must be provided"}},
				direct.Case{Name: "of type " + kind + " without name", Request: snapshotOf(volume, "", kind), Code: codes.InvalidArgument, Message: []string{"Snapshot name must be provided"}},
				direct.Case{Name: "of type " + kind + " of a missing volume", Request: snapshotOf("no-such-volume", driver.SnapshotName("none"+kind), kind), Code: codes.NotFound})
		}
		Expect(driver.Check(ctx, cases...)).To(Succeed())
	})

	It("answers a repeated request for a snapshot as the first time", SpecTimeout(timeouts.Spec), Label("clause:C-20", "clause:C-08"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		volume := harness.Must(driver.Volume(ctx, "source", 32)).GetVolumeId()
		request := snapshotOf(volume, driver.SnapshotName("again"), "snap")
		first := harness.Must(driver.Snapshot(ctx, request))
		Expect(first.GetReadyToUse()).To(BeTrue())
		Expect(first.GetSourceVolumeId()).To(Equal(volume))
		Expect(first.GetSizeBytes()).To(Equal(32 * mib))
		for _, secrets := range []map[string]string{nil, {"AWS_ACCESS_KEY_ID": "nobody"}, {"x": ""}} {
			request.Secrets = secrets
			again := harness.Must(driver.Snapshot(ctx, request))
			Expect(proto.Equal(again, first)).To(BeTrue(), "the answer to the repeat is\n%v\nand was\n%v", again, first)
		}
	})

	It("takes one snapshot for many requests of one name at the same time", SpecTimeout(timeouts.Spec), Label("clause:C-20"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		volume := harness.Must(driver.Volume(ctx, "source", 32)).GetVolumeId()
		request := snapshotOf(volume, driver.SnapshotName("together"), "snap")
		const callers = 8
		answers, failures := make([]*csi.Snapshot, callers), make([]error, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() { answers[i], failures[i] = driver.Snapshot(ctx, request) })
		}
		all.Wait()
		last := harness.Must(driver.Snapshot(ctx, request))
		for i, answer := range answers {
			if failures[i] == nil {
				Expect(proto.Equal(answer, last)).To(BeTrue(), "one caller was answered\n%v\nand another\n%v", answer, last)
				continue
			}
			// CSI lets a driver refuse a second call for the same object while the first is under way.
			Expect(direct.Status(failures[i]).Code()).To(Equal(codes.Aborted), failures[i].Error())
		}
	})

	It("refuses or confuses a name that another volume's snapshot has", SpecTimeout(timeouts.Spec), Label("clause:C-21"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		one, two := harness.Must(driver.Volume(ctx, "one", 32)).GetVolumeId(), harness.Must(driver.Volume(ctx, "two", 32)).GetVolumeId()
		name := driver.SnapshotName("taken")
		harness.Must(driver.Snapshot(ctx, snapshotOf(one, name, "snap")))
		_, err := driver.Snapshot(ctx, snapshotOf(two, name, "snap"))
		code := direct.Status(err).Code()
		Expect(code).To(BeElementOf(codes.Internal, codes.AlreadyExists), "the second volume must not be told that it has a snapshot: %v", err)
		harness.Observe("C-21", code == codes.Internal, "the answer is %s", code)
	})
})
