package backup

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/muster-csi/muster/driver/deviation"
)

func TestCheckTarget(t *testing.T) {
	for _, good := range []string{"s3://b@us-east-1/", "s3://b@us-east-1/my/path/", "s3://b/", "nfs://host:/opt/backupstore", "nfs://host:/p?nfsOptions=vers=4.1"} {
		if err := CheckTarget(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, fragment := range map[string]string{
		"s3://b@us-east-1":  "the / at the end",
		"s3:///path/":       "s3://bucket@region/path/",
		"gopher://x/":       "scheme",
		"s3://b@r/$x/":      "$",
		"s3://b@r/a,b/":     "comma",
		"nfs://host":        "nfs://host:/path",
		"b@us-east-1/":      "scheme",
		"s3://b@us east-1/": "no URL",
	} {
		if err := CheckTarget(bad); err == nil || !strings.Contains(err.Error(), fragment) {
			t.Errorf("%s: %v, want %q", bad, err, fragment)
		}
	}
	if err := CheckTarget(""); !errors.Is(err, ErrNoTarget) {
		t.Errorf("no URL gives %v", err)
	}
}

func TestCredentialsRefuseStrayWhiteSpace(t *testing.T) {
	for _, value := range []string{"key\n", " key", "key\t"} {
		_, err := NewCredentials("minio-secret", map[string][]byte{"AWS_ACCESS_KEY_ID": []byte("id"), "AWS_SECRET_ACCESS_KEY": []byte(value)})
		if err == nil || !strings.Contains(err.Error(), "AWS_SECRET_ACCESS_KEY") || strings.Contains(err.Error(), "key\n") {
			t.Errorf("%q: %v", value, err)
		}
	}
	if _, err := NewCredentials("s", map[string][]byte{"AWS_ACCESS_KEY_ID": []byte("id")}); err == nil {
		t.Error("half of the credentials were accepted")
	}
	good, err := NewCredentials("s", map[string][]byte{"AWS_ACCESS_KEY_ID": []byte("id"), "AWS_SECRET_ACCESS_KEY": []byte("very/secret"), "other": []byte("x ")})
	if err != nil || len(good) != 2 {
		t.Errorf("%v, %v", good, err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, good); strings.Contains(text, "secret") {
			t.Errorf("%s shows %s", format, text)
		}
	}
	if text := good.redact("cannot use very/secret or very%2Fsecret"); strings.Contains(text, "very") {
		t.Errorf("redacted: %s", text)
	}
}

func TestPlantedDefectTakesAnyAddress(t *testing.T) { // B-25
	bad := Request{Operation: List, Target: "gopher://x/"}
	if _, err := (Runner{}).Run(t.Context(), bad, nil, nil); err == nil || !strings.Contains(err.Error(), "this driver knows") {
		t.Errorf("without the defect: %v", err)
	}
	bad.Deviations = string(deviation.TargetURLUnchecked)
	if _, err := (Runner{}).Run(t.Context(), bad, nil, nil); err == nil || strings.Contains(err.Error(), "this driver knows") {
		t.Errorf("with the defect: %v, want what the library says", err)
	}
}
