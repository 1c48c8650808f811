// Package csi asks the driver directly on its CSI sockets, below Kubernetes: for
// codes, messages, repeated calls and malformed input.
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

// begin starts a spec that speaks CSI.
func begin(ctx SpecContext) (*harness.Env, *harness.Direct) {
	GinkgoHelper()
	env := harness.Begin(ctx)
	return env, harness.Must(env.Direct(ctx))
}

var _ = Describe("csi", Label("api"), func() {
	It("says who it is and what it can do on both sockets", SpecTimeout(timeouts.Spec),
		Label("clause:I-01", "both:I-02", "clause:I-05"), func(ctx SpecContext) {
			env, driver := begin(ctx)
			for _, part := range []*direct.Conn{driver.Conn(), driver.Conn().NodePart()} {
				info := harness.Must(direct.Call[*csi.GetPluginInfoResponse](ctx, part, &csi.GetPluginInfoRequest{}))
				Expect(info.GetName()).To(Equal(env.Config.Driver))
				Expect(info.GetVendorVersion()).NotTo(BeEmpty(), "the version of the driver")
				offers := harness.Must(direct.Call[*csi.GetPluginCapabilitiesResponse](ctx, part, &csi.GetPluginCapabilitiesRequest{}))
				Expect(services(offers)).To(ContainElement(csi.PluginCapability_Service_CONTROLLER_SERVICE))
				Expect(services(offers)).NotTo(ContainElement(csi.PluginCapability_Service_GROUP_CONTROLLER_SERVICE))
				online := ContainElement(csi.PluginCapability_VolumeExpansion_ONLINE)
				if !env.Follows("1.4") {
					online = Not(online)
				}
				Expect(expansions(offers)).To(online)
				topology := ContainElement(csi.PluginCapability_Service_VOLUME_ACCESSIBILITY_CONSTRAINTS)
				if !env.Follows("1.10") {
					topology = Not(topology)
				}
				Expect(services(offers)).To(topology)
			}
		})

	It("offers the controller's capabilities of its release", SpecTimeout(timeouts.Spec), Label("both:I-03"), func(ctx SpecContext) {
		env, driver := begin(ctx)
		answer := harness.Must(direct.Call[*csi.ControllerGetCapabilitiesResponse](ctx, driver.Conn(), &csi.ControllerGetCapabilitiesRequest{}))
		var offered []csi.ControllerServiceCapability_RPC_Type
		for _, each := range answer.GetCapabilities() {
			offered = append(offered, each.GetRpc().GetType())
		}
		Expect(offered).To(ContainElements(
			csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME, csi.ControllerServiceCapability_RPC_PUBLISH_UNPUBLISH_VOLUME,
			csi.ControllerServiceCapability_RPC_EXPAND_VOLUME, csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
			csi.ControllerServiceCapability_RPC_CLONE_VOLUME))
		Expect(offered).NotTo(ContainElement(BeElementOf(
			csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS, csi.ControllerServiceCapability_RPC_LIST_VOLUMES)),
			"the sidecars would then poll with calls that the driver does not answer")
		for capability, since := range map[csi.ControllerServiceCapability_RPC_Type]string{
			csi.ControllerServiceCapability_RPC_GET_CAPACITY:             "1.10",
			csi.ControllerServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER: "1.11",
		} {
			Expect(offered).To(offeredSince(env, since, capability))
		}
	})

	It("offers the node's capabilities of its release", SpecTimeout(timeouts.Spec), Label("clause:I-11", "both:I-12"), func(ctx SpecContext) {
		env, driver := begin(ctx)
		answer := harness.Must(direct.Call[*csi.NodeGetCapabilitiesResponse](ctx, driver.Conn(), &csi.NodeGetCapabilitiesRequest{}))
		var offered []csi.NodeServiceCapability_RPC_Type
		for _, each := range answer.GetCapabilities() {
			offered = append(offered, each.GetRpc().GetType())
		}
		Expect(offered).To(ContainElements(csi.NodeServiceCapability_RPC_GET_VOLUME_STATS,
			csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME, csi.NodeServiceCapability_RPC_EXPAND_VOLUME))
		Expect(offered).To(offeredSince(env, "1.11", csi.NodeServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER))

		info := harness.Must(direct.Call[*csi.NodeGetInfoResponse](ctx, driver.Conn(), &csi.NodeGetInfoRequest{}))
		Expect(info.GetNodeId()).To(Equal(harness.Must(env.Target.Sockets(ctx)).Node))
		Expect(info.GetMaxVolumesPerNode()).To(BeZero(), "no limit")
		topology := Not(BeEmpty())
		if !env.Follows("1.10") {
			topology = BeEmpty()
		}
		Expect(info.GetAccessibleTopology().GetSegments()).To(topology)
	})

	It("answers Unimplemented to what it does not offer", SpecTimeout(timeouts.Spec), Label("clause:I-04"), func(ctx SpecContext) {
		env, driver := begin(ctx)
		cases := []direct.Case{
			{Request: &csi.ListSnapshotsRequest{}, Code: codes.Unimplemented},
			{Request: &csi.ListSnapshotsRequest{SnapshotId: "snap://v/s"}, Code: codes.Unimplemented},
			{Request: &csi.ListVolumesRequest{}, Code: codes.Unimplemented},
			{Request: &csi.ControllerGetVolumeRequest{VolumeId: "v"}, Code: codes.Unimplemented},
			{Request: &csi.ControllerModifyVolumeRequest{VolumeId: "v"}, Code: codes.Unimplemented},
		}
		if !env.Follows("1.10") {
			cases = append(cases, direct.Case{Request: &csi.GetCapacityRequest{}, Code: codes.Unimplemented})
		}
		Expect(driver.Check(ctx, cases...)).To(Succeed())
	})
})

// offeredSince is met when a capability is among those that are offered just when its release has come.
func offeredSince[T any](env *harness.Env, since string, capability T) OmegaMatcher {
	if env.Follows(since) {
		return ContainElement(capability)
	}
	return Not(ContainElement(capability))
}

func services(answer *csi.GetPluginCapabilitiesResponse) []csi.PluginCapability_Service_Type {
	var all []csi.PluginCapability_Service_Type
	for _, each := range answer.GetCapabilities() {
		if service := each.GetService(); service != nil {
			all = append(all, service.GetType())
		}
	}
	return all
}

func expansions(answer *csi.GetPluginCapabilitiesResponse) []csi.PluginCapability_VolumeExpansion_Type {
	var all []csi.PluginCapability_VolumeExpansion_Type
	for _, each := range answer.GetCapabilities() {
		if expansion := each.GetVolumeExpansion(); expansion != nil {
			all = append(all, expansion.GetType())
		}
	}
	return all
}
