package redact

import (
	"strings"
	"testing"
)

func TestTextRemovesSecretValues(t *testing.T) {
	for _, text := range []string{
		"AWS_SECRET_ACCESS_KEY: hunter2",
		`{"AWS_ACCESS_KEY_ID":"hunter2","region":"x"}`,
		`{"request":"{\"parameters\":{\"AWS_SECRET_ACCESS_KEY\":\"hunter2\"}}"}`,
		`{"request":"{\"name\":\"x\", \"secrets\":{\"any\":\"hunter2\"}}"}`,
		`level=INFO msg=call secret_key=hunter2 method=/csi.v1.Controller/CreateVolume`,
		`Authorization: Bearer hunter2`,
		`password = "hunter2 with blanks"`,
		"secret: hunter2",
		"AZBLOB_ACCOUNT_KEY=hunter2",
		"https://store/bucket?X-Amz-Signature=hunter2&x=y",
		"https://user:hunter2@store/bucket",
		"-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----",
	} {
		got := Text(text)
		if strings.Contains(got, "hunter2") || !strings.Contains(got, withheld) {
			t.Errorf("Text(%q) = %q, want no secret in it", text, got)
		}
		if again := Text(got); again != got {
			t.Errorf("Text(%q) = %q, want no change at the second time", got, again)
		}
	}
}

func TestTextKeepsWhatExplains(t *testing.T) {
	for _, text := range []string{
		`method=/csi.v1.Controller/CreateSnapshot code=Internal name=snapshot-1 seconds=0.2`,
		"secretName: minio-secret",
		"credentialSecret: minio-secret",
		"automountServiceAccountToken: false",
		"  secret:\n    secretName: minio-secret",
		"the value of AWS_ACCESS_KEY_ID begins with white space",
		"handle: snap://pvc-1/snapshot-2",
		"to s3://backupbucket@us-east-1/path/",
		`"startingToken":""`,
	} {
		if got := Text(text); got != text {
			t.Errorf("Text(%q) = %q, want it unchanged", text, got)
		}
	}
}
