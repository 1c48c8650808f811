package identity_test

import (
	"slices"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/identity"
)

func TestPluginInfo(t *testing.T) { // I-01
	response, err := newServer(t, "1.9").GetPluginInfo(t.Context(), nil)
	if err != nil || response.GetName() != "driver.longhorn.io" || response.GetVendorVersion() != "v1.9" {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestServicesFollowTheContract(t *testing.T) { // I-02, I-05
	controller := csi.PluginCapability_Service_CONTROLLER_SERVICE
	topology := csi.PluginCapability_Service_VOLUME_ACCESSIBILITY_CONSTRAINTS
	for contract, want := range map[string][]csi.PluginCapability_Service_Type{
		"1.3":  {controller},
		"1.4":  {controller},
		"1.9":  {controller},
		"1.10": {controller, topology},
		"1.11": {controller, topology},
		"1.12": {controller, topology},
	} {
		response, err := newServer(t, contract).GetPluginCapabilities(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var services []csi.PluginCapability_Service_Type
		var expansions []csi.PluginCapability_VolumeExpansion_Type
		for _, capability := range response.GetCapabilities() {
			if service := capability.GetService(); service != nil {
				services = append(services, service.GetType())
			}
			if expansion := capability.GetVolumeExpansion(); expansion != nil {
				expansions = append(expansions, expansion.GetType())
			}
		}
		if !slices.Equal(services, want) { // GROUP_CONTROLLER_SERVICE is in none of them
			t.Errorf("%s: the services are %v, want %v", contract, services, want)
		}
		way := csi.PluginCapability_VolumeExpansion_ONLINE
		if contract == "1.3" { // I-10
			way = csi.PluginCapability_VolumeExpansion_OFFLINE
		}
		if !slices.Equal(expansions, []csi.PluginCapability_VolumeExpansion_Type{way}) {
			t.Errorf("%s: the expansions are %v, want %s", contract, expansions, way)
		}
	}
}

func TestProbeAsksForReadiness(t *testing.T) {
	ready := false
	server := newServer(t, "1.12")
	server.Ready = func() bool { return ready }
	for _, ready = range []bool{false, true} {
		response, err := server.Probe(t.Context(), nil)
		if err != nil || response.GetReady().GetValue() != ready {
			t.Errorf("got %v, %v; want ready=%t", response, err, ready)
		}
	}
}

func newServer(t *testing.T, text string) *identity.Server {
	t.Helper()
	contract, err := config.ParseContract(text)
	if err != nil {
		t.Fatal(err)
	}
	return &identity.Server{Name: "driver.longhorn.io", Contract: contract}
}
