package evidence

import (
	"strings"
	"testing"
)

func TestRedactRemovesSecretValues(t *testing.T) {
	for _, text := range []string{
		"AWS_SECRET_ACCESS_KEY: hunter2",
		`{"AWS_ACCESS_KEY_ID":"hunter2","region":"x"}`,
		`level=INFO msg=call secret_key=hunter2 method=/csi.v1.Controller/CreateVolume`,
		`Authorization: Bearer hunter2`,
		`password = "hunter2 with blanks"`,
		"-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----",
	} {
		if got := string(Redact([]byte(text))); strings.Contains(got, "hunter2") || !strings.Contains(got, withheld) {
			t.Errorf("Redact(%q) = %q, want no secret in it", text, got)
		}
	}
}

func TestRedactKeepsWhatExplains(t *testing.T) {
	for _, text := range []string{
		`method=/csi.v1.Controller/CreateSnapshot code=Internal name=snapshot-1 seconds=0.2`,
		"secretName: minio-secret",
		"handle: snap://pvc-1/snapshot-2",
	} {
		if got := string(Redact([]byte(text))); got != text {
			t.Errorf("Redact(%q) = %q, want it unchanged", text, got)
		}
	}
}
