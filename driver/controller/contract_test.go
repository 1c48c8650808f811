package controller

import (
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/deviation"
)

func TestOlderReleasesPassNewerParametersThrough(t *testing.T) { // V-07, contract 4.6
	for name, since := range map[string]string{"backupBlockSize": "1.10", "cloneMode": "1.10", "freezeFilesystemForSnapshot": "1.7", "dataEngine": "1.6"} {
		wrong := map[string]string{name: "no-such-value"}
		for _, contract := range config.Contracts() {
			spec := api.NewVolumeSpec(10 << 20)
			before := spec
			err := applyParameters(&spec, wrong, contract)
			newer := contract.KnowsParameter(name)
			if newer != (status.Code(err) == codes.InvalidArgument) {
				t.Errorf("%s under %s: got %v", name, contract.String(), err)
			}
			if !newer && spec.BackupBlockSize != before.BackupBlockSize {
				t.Errorf("%s under %s changes the volume", name, contract.String())
			}
			if contract.String() == since && !newer {
				t.Errorf("%s is not known to %s", name, since)
			}
		}
		if wrong[name] == "" {
			t.Errorf("%s was taken out of the caller's parameters", name)
		}
	}
}

func TestBackingImageHandlesBeforeLonghorn15(t *testing.T) { // C-04
	const image = "bi://backing?backingImage=x&backingImageDataSourceType=download&url=http%3A%2F%2Fh%2Fx"
	s := server(t, "1.4", deviation.Set{})
	_, err := s.fromHandle(t.Context(), &csi.CreateVolumeRequest{}, image, 10<<20)
	if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), "invalid CSI snapshot type: bi") {
		t.Errorf("restore: got %v, want InvalidArgument for the type", err)
	}
	if _, err := s.DeleteSnapshot(t.Context(), &csi.DeleteSnapshotRequest{SnapshotId: image}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("deletion: got %v, want InvalidArgument", err)
	}
}
