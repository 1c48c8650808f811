package kube_test

import (
	"context"
	"strings"
	"testing"

	"github.com/muster-csi/muster/fixtures"
	"github.com/muster-csi/muster/framework/kube"
)

func TestEveryFixtureDecodes(t *testing.T) {
	for dir, want := range map[string][]string{
		"driver":              {"Namespace", "CSIDriver", "ServiceAccount", "Deployment", "DaemonSet"},
		"snapshot-controller": {"ServiceAccount", "Deployment"},
		"minio":               {"Service", "Deployment"},
		"classes":             {"StorageClass", "VolumeSnapshotClass"},
	} {
		objects, err := kube.Decode(context.Background(), fixtures.FS, dir)
		if err != nil {
			t.Error(err)
			continue
		}
		var kinds []string
		for _, object := range objects {
			if object.GetAPIVersion() == "" || object.GetName() == "" {
				t.Errorf("%s: an object of kind %q lacks apiVersion or name", dir, object.GetKind())
			}
			if _, there := object.Object["status"]; there {
				t.Errorf("%s: %s %s carries a status, which applying would reset", dir, object.GetKind(), object.GetName())
			}
			kinds = append(kinds, object.GetKind())
		}
		at := 0
		for _, kind := range kinds {
			if at < len(want) && kind == want[at] {
				at++
			}
		}
		if at != len(want) {
			t.Errorf("%s holds %v, want %v in this order", dir, kinds, want)
		}
	}
}

func TestBrokenYAMLIsAnError(t *testing.T) {
	_, err := kube.DecodeBytes(context.Background(), []byte("apiVersion: v1\nkind: Namespace\nmetadata: [\n"))
	if err == nil || !strings.Contains(err.Error(), "cannot read the manifest") {
		t.Errorf("DecodeBytes = %v", err)
	}
}
