package csi

import (
	"github.com/container-storage-interface/spec/lib/go/csi"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"google.golang.org/grpc/codes"

	direct "github.com/muster-csi/muster/framework/csi"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("csi", Label("api"), func() {
	It("refuses to publish without arguments, to a missing node or what is missing", SpecTimeout(timeouts.Spec), Label("clause:I-15"), func(ctx SpecContext) {
		env, driver := begin(ctx)
		volume := harness.Must(driver.Volume(ctx, "published", 16)).GetVolumeId()
		node := harness.Must(env.Target.Sockets(ctx)).Node
		publish := func(volume, node string, capability *csi.VolumeCapability) *csi.ControllerPublishVolumeRequest {
			return &csi.ControllerPublishVolumeRequest{VolumeId: volume, NodeId: node, VolumeCapability: capability}
		}
		Expect(driver.CheckInTurn(ctx,
			direct.Case{Name: "without a volume", Request: publish("", node, direct.OneWriter()), Code: codes.InvalidArgument},
			direct.Case{Name: "without a node", Request: publish(volume, "", direct.OneWriter()), Code: codes.InvalidArgument},
			direct.Case{Name: "without a capability", Request: publish(volume, node, nil), Code: codes.InvalidArgument},
			direct.Case{Name: "of a missing volume", Request: publish("no-such-volume", node, direct.OneWriter()), Code: codes.NotFound},
			direct.Case{Name: "without anything to unpublish", Request: &csi.ControllerUnpublishVolumeRequest{NodeId: node}, Code: codes.InvalidArgument},
			direct.Case{Name: "to a missing node", Request: publish(volume, "no-such-node", direct.OneWriter()), Code: codes.NotFound},
		)).To(Succeed())
	})

	It("validates capabilities of volumes that exist", SpecTimeout(timeouts.Spec), Label("clause:I-07"), func(ctx SpecContext) {
		env, driver := begin(ctx)
		volume := harness.Must(driver.Volume(ctx, "valid", 16)).GetVolumeId()
		validate := func(volume string, capabilities ...*csi.VolumeCapability) *csi.ValidateVolumeCapabilitiesRequest {
			return &csi.ValidateVolumeCapabilitiesRequest{VolumeId: volume, VolumeCapabilities: capabilities}
		}
		cases := []direct.Case{{Name: "of a missing volume", Request: validate("no-such-volume", direct.OneWriter()), Code: codes.NotFound}}
		for _, mode := range refusedModes(env) {
			cases = append(cases, direct.Case{Name: mode.String(), Request: validate(volume, direct.Mounted(mode)), Code: codes.InvalidArgument})
		}
		Expect(driver.Check(ctx, cases...)).To(Succeed())
		for _, mode := range acceptedModes(env) {
			answer := harness.Must(direct.Call[*csi.ValidateVolumeCapabilitiesResponse](ctx, driver.Conn(), validate(volume, direct.Mounted(mode))))
			Expect(answer.GetConfirmed()).NotTo(BeNil(), "%s must be confirmed: %s", mode, answer.GetMessage())
			Expect(answer.GetConfirmed().GetVolumeCapabilities()).To(HaveLen(1))
		}
	})

	It("expands only what it is told how, and never shrinks", SpecTimeout(timeouts.Spec), Label("lifecycle", "clause:I-09"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		volume := harness.Must(driver.Volume(ctx, "grown", 16)).GetVolumeId()
		expand := func(volume string, bytes int64) *csi.ControllerExpandVolumeRequest {
			return &csi.ControllerExpandVolumeRequest{VolumeId: volume, CapacityRange: direct.Bytes(bytes), VolumeCapability: direct.OneWriter()}
		}
		without := expand(volume, 32*mib)
		without.CapacityRange = nil
		bare := expand(volume, 32*mib)
		bare.VolumeCapability = nil
		Expect(driver.CheckInTurn(ctx,
			direct.Case{Name: "without a size", Request: without, Code: codes.InvalidArgument, Message: []string{"capacity range missing"}},
			direct.Case{Name: "without a capability", Request: bare, Code: codes.InvalidArgument, Message: []string{"volume capacity missing in request"}},
			direct.Case{Name: "of a missing volume", Request: expand("no-such-volume", 32*mib), Code: codes.NotFound, Message: []string{"volume no-such-volume missing"}},
		)).To(Succeed())
		for _, step := range []struct{ ask, want int64 }{{32 * mib, 32 * mib}, {32 * mib, 32 * mib}, {16 * mib, 32 * mib}, {33 * mib, 34 * mib}} {
			answer := harness.Must(direct.Call[*csi.ControllerExpandVolumeResponse](ctx, driver.Conn(), expand(volume, step.ask)))
			Expect(answer.GetCapacityBytes()).To(Equal(step.want), "after a request for %d bytes", step.ask)
			Expect(answer.GetNodeExpansionRequired()).To(BeFalse(), "no node has the volume")
			// A later request for the same volume is answered by the size that it has now.
			Expect(driver.Check(ctx, direct.Case{Name: "of the size that it has now", Request: direct.NewVolume(volume, step.want)})).To(Succeed())
		}
	})

	It("deletes a volume once and takes a missing one for deleted", SpecTimeout(timeouts.Spec), Label("lifecycle", "clause:D-06", "needs:C-22"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		volume := harness.Must(driver.Volume(ctx, "deleted", 16)).GetVolumeId()
		snapshot := harness.Must(driver.Snapshot(ctx, snapshotOf(volume, driver.SnapshotName("with-it"), "snap"))).GetSnapshotId()
		Expect(driver.CheckInTurn(ctx,
			direct.Case{Name: "without a name", Request: &csi.DeleteVolumeRequest{}, Code: codes.InvalidArgument},
			direct.Case{Name: "of a missing one", Request: &csi.DeleteVolumeRequest{VolumeId: "no-such-volume"}},
			direct.Case{Name: "with a snapshot", Request: &csi.DeleteVolumeRequest{VolumeId: volume}},
			direct.Case{Name: "again", Request: &csi.DeleteVolumeRequest{VolumeId: volume}},
			direct.Case{Name: "of its snapshot", Request: deletion(snapshot)},
		)).To(Succeed())
	})
})
