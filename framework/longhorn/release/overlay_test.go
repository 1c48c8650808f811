package release

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// opened reads a manifest without looking for images.
func opened(t *testing.T, file string) *Release {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("the manifest is not there: %v", err)
	}
	r := &Release{}
	if r.Objects, err = decode(text); err != nil {
		t.Fatal(err)
	}
	if r.Images, err = imagesOf(r.Objects); err != nil {
		t.Fatal(err)
	}
	if r.Version, err = versionOf(r.Images, ""); err != nil {
		t.Fatal(err)
	}
	return r
}

// text is a string somewhere in an object of the changed manifest.
func text(t *testing.T, objects []*unstructured.Unstructured, kind, name string, path ...string) string {
	t.Helper()
	object, found := named(objects, kind, name)
	if !found {
		t.Fatalf("there is no %s %s", kind, name)
	}
	value, _, err := unstructured.NestedString(object.Object, path...)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// manifests are the one of the tests, and the published one where it lies beside the repository.
func manifests() []string {
	return []string{"testdata/longhorn.yaml", "../../../../shared/longhorn/v1.12.1/longhorn.yaml"}
}

func TestTheOverlayChangesWhatItSaysAndNothingElse(t *testing.T) {
	for _, file := range manifests() {
		t.Run(file, func(t *testing.T) {
			r := opened(t, file)
			before := decodeAgain(t, file)
			objects, err := r.changed()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, r.Objects); diff != "" {
				t.Errorf("the release itself was changed:\n%s", diff)
			}
			for at, want := range map[[3]string]string{
				{"ConfigMap", classConfig, classKey}:       `numberOfReplicas: "1"`,
				{"ConfigMap", settingConfig, settingKey}:   `default-replica-count: "1"`,
				{"ConfigMap", resourceConfig, resourceKey}: "backup-target: s3://backupbucket@us-east-1/",
			} {
				if got := text(t, objects, at[0], at[1], "data", at[2]); !strings.Contains(got, want) {
					t.Errorf("%s %s lacks %q:\n%s", at[0], at[1], want, got)
				}
			}
			for _, want := range []string{`upgrade-checker: "false"`, `storage-minimal-available-percentage: "10"`, "priority-class: longhorn-critical", `'{"v1":"true"}'`} {
				if got := text(t, objects, "ConfigMap", settingConfig, "data", settingKey); !strings.Contains(got, want) {
					t.Errorf("the settings lack %q:\n%s", want, got)
				}
			}
			changes := map[string]bool{}
			for _, change := range r.Overlay() {
				changes[change.Kind+" "+change.Name] = true
			}
			for i := range objects {
				id := objects[i].GetKind() + " " + objects[i].GetName()
				if same := cmp.Equal(objects[i], r.Objects[i]); same == changes[id] {
					t.Errorf("%s is the same: %t, the overlay names it: %t", id, same, changes[id])
				}
			}
		})
	}
}

func decodeAgain(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	return opened(t, file).Objects
}

func TestSidecarsRunOnceEach(t *testing.T) {
	for _, file := range manifests() {
		t.Run(file, func(t *testing.T) {
			objects, err := opened(t, file).changed()
			if err != nil {
				t.Fatal(err)
			}
			object, _ := named(objects, "Deployment", deployer)
			containers, _, err := unstructured.NestedSlice(object.Object, "spec", "template", "spec", "containers")
			if err != nil {
				t.Fatal(err)
			}
			env := map[string]int{}
			for _, variable := range containers[0].(map[string]any)["env"].([]any) {
				fields := variable.(map[string]any)
				if fields["value"] == "1" {
					env[fields["name"].(string)]++
				}
			}
			for _, name := range sidecarCounts {
				if env[name] != 1 {
					t.Errorf("%s is set to 1 %d times, want once: %v", name, env[name], env)
				}
			}
		})
	}
}

func TestAManifestThatTheOverlayDoesNotFitIsRefused(t *testing.T) {
	r := opened(t, "testdata/longhorn.yaml")
	_, r.Objects = split(r.Objects, "Deployment")
	if _, err := r.changed(); err == nil || !strings.Contains(err.Error(), "no Deployment "+deployer) {
		t.Errorf("error is %v, want one that names the Deployment %s", err, deployer)
	}
}

func TestBeforeLonghorn18TheBackupTargetIsASetting(t *testing.T) {
	r := opened(t, "testdata/longhorn.yaml")
	for i, object := range r.Objects {
		if object.GetName() == resourceConfig {
			r.Objects = append(r.Objects[:i:i], r.Objects[i+1:]...)
			break
		}
	}
	objects, err := r.changed()
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, objects, "ConfigMap", settingConfig, "data", settingKey); !strings.Contains(got, "backup-target-credential-secret: minio-secret") {
		t.Errorf("the settings have no backup target:\n%s", got)
	}
}

func TestThePublishedManifestHasTheChecksumAndImagesOfTheRelease(t *testing.T) {
	const dir = "../../../../shared/longhorn/v1.12.1/"
	listed, err := os.ReadFile(dir + "longhorn-images.txt")
	if err != nil {
		t.Skipf("the release is not there: %v", err)
	}
	manifest, err := os.ReadFile(dir + ManifestFile)
	if err != nil {
		t.Fatal(err)
	}
	if got := sumOf(manifest); got != releases["v1.12.1"].Manifest {
		t.Errorf("the manifest has the checksum %s, releases.yaml says %s", got, releases["v1.12.1"].Manifest)
	}
	found := map[string]bool{"docker.io/longhornio/longhorn-cli:v1.12.1": true} // for people, not for the cluster
	r := opened(t, dir+ManifestFile)
	for _, image := range r.Images {
		found[image.Ref] = true
	}
	for name, version := range r.Version.Sidecars() {
		if image, _ := find(r.Images, name); image.Tag() != version {
			t.Errorf("the release has %s %s, releases.yaml says %s", name, image.Tag(), version)
		}
	}
	for _, line := range strings.Fields(string(listed)) {
		if !found["docker.io/"+line] {
			t.Errorf("the release lists %s, which the manifest was not seen to name", line)
		}
	}
}
