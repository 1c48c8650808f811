package existing

import (
	"slices"
	"strings"
	"testing"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/muster-csi/muster/framework/harness"
)

const run = "bcdfgh"

func storage(name string, change func(*storagev1.StorageClass)) storagev1.StorageClass {
	class := storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: "driver.longhorn.io",
		AllowVolumeExpansion: ptr.To(true), Parameters: map[string]string{"numberOfReplicas": "3"},
	}
	if change != nil {
		change(&class)
	}
	return class
}

func snapshots(name, snapshotType string, policy snapshotv1.DeletionPolicy) snapshotv1.VolumeSnapshotClass {
	return snapshotv1.VolumeSnapshotClass{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Driver: "driver.longhorn.io", DeletionPolicy: policy,
		Parameters: map[string]string{"type": snapshotType},
	}
}

func defaults(t *testing.T) Config {
	t.Helper()
	config, err := ParseConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestClassesThatFitAreUsedAndOthersMade(t *testing.T) {
	have := Classes{
		Storage: []storagev1.StorageClass{
			storage("encrypted", func(c *storagev1.StorageClass) { c.Parameters["encrypted"] = "true" }),
			storage("late", func(c *storagev1.StorageClass) {
				c.VolumeBindingMode = ptr.To(storagev1.VolumeBindingWaitForFirstConsumer)
			}),
			storage("rigid", func(c *storagev1.StorageClass) { c.AllowVolumeExpansion = nil }),
			storage("some", nil),
			storage("longhorn", nil),
		},
		Snapshot: []snapshotv1.VolumeSnapshotClass{
			snapshots("kept", "snap", snapshotv1.VolumeSnapshotContentRetain), snapshots("snaps", "snap", snapshotv1.VolumeSnapshotContentDelete),
		},
	}
	choice, err := Choose(have, defaults(t), run)
	if err != nil {
		t.Fatal(err)
	}
	want := harness.Classes{Ext4: "longhorn", XFS: "muster-bcdfgh-xfs", Snapshot: "snaps", Backup: "muster-bcdfgh-backup", Image: "muster-bcdfgh-image"}
	if choice.Classes != want {
		t.Errorf("Choose = %+v, want %+v", choice.Classes, want)
	}
	if made := choice.Made(); !slices.Equal(made, []string{want.XFS, want.Backup, want.Image}) {
		t.Errorf("classes to make are %v", made)
	}
	parameters, _ := choice.missing[0].Object["parameters"].(map[string]any)
	if parameters["fsType"] != "xfs" || parameters["numberOfReplicas"] != "3" {
		t.Errorf("the class for xfs has parameters %v, want those of the one for ext4 with fsType xfs", parameters)
	}
	if have.Storage[4].Parameters["fsType"] != "" {
		t.Error("the cluster's own class was changed")
	}
}

func TestTheDefaultClassComesFirst(t *testing.T) {
	have := Classes{Storage: []storagev1.StorageClass{storage("longhorn", nil), storage("z", func(c *storagev1.StorageClass) {
		c.Annotations = map[string]string{defaultClass: "true"}
	})}}
	if class := have.fitting("ext4", "longhorn"); class == nil || class.Name != "z" {
		t.Errorf("fitting = %v, want the cluster's default class", class)
	}
}

func TestAClassThatIsNamedMustBeThere(t *testing.T) {
	config := defaults(t)
	config.Classes.Ext4 = "longhorm"
	_, err := Choose(Classes{Storage: []storagev1.StorageClass{storage("longhorn", nil)}}, config, run)
	if err == nil || !strings.Contains(err.Error(), "did you mean longhorn?") {
		t.Errorf("Choose = %v, want an error with the nearest name", err)
	}
}

func TestTheConfigurationIsStrict(t *testing.T) {
	for text, want := range map[string]string{
		"clases: {}":          "did you mean classes?",
		"classes: {ext: a}":   "did you mean ext4?",
		"backupstore: instal": "did you mean install?",
		"contract: newest":    "contract",
		"timeoutScale: 11":    "timeoutScale",
		"{backupstore: install, keepSettings: true}": "keepSettings",
	} {
		if _, err := ParseConfig([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseConfig(%q) = %v, want an error with %q", text, err, want)
		}
	}
}
