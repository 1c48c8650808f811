package cli

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/internal/s3"
)

const secretYAML = `apiVersion: v1
kind: Namespace
metadata: {name: longhorn-system}
---
apiVersion: v1
kind: Secret
metadata: {name: minio-secret, namespace: longhorn-system}
data:
  AWS_ACCESS_KEY_ID: bG9uZ2hvcm4= # longhorn
stringData:
  AWS_SECRET_ACCESS_KEY: do-not-show
  AWS_ENDPOINTS: https://minio-service.default:9000
`

func TestKeysAreReadFromASecretOrFromLines(t *testing.T) {
	for name, text := range map[string]string{
		"secret": secretYAML,
		"lines":  "# keys\n\nAWS_ACCESS_KEY_ID=longhorn\nAWS_SECRET_ACCESS_KEY=do-not-show\nAWS_ENDPOINTS=https://minio-service.default:9000\n",
		"shell":  "export AWS_ACCESS_KEY_ID='longhorn'\nexport AWS_SECRET_ACCESS_KEY=\"do-not-show\"\r\n AWS_ENDPOINTS = https://minio-service.default:9000",
	} {
		values, err := parseKeys([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for key, want := range map[string]string{s3.KeyAccessKeyID: "longhorn", s3.KeySecretAccessKey: "do-not-show"} {
			if got := values[key]; got != want {
				t.Errorf("%s: %s = %q, want %q", name, key, got, want)
			}
		}
	}
	values, err := parseKeys([]byte(`AWS_CERT="-----BEGIN\nabc=\n-----END"` + "\n"))
	if err != nil || values[s3.KeyCert] != "-----BEGIN\nabc=\n-----END" {
		t.Errorf("AWS_CERT = %q, %v, want three lines", values[s3.KeyCert], err)
	}
}

func TestAFileThatHoldsNoKeysIsToldByItsLine(t *testing.T) {
	for _, text := range []string{"AWS_ACCESS_KEY_ID=x\ndo-not-show\n", "AWS_ACCESS_KEY_ID=x\nAWS_CERT=\"do-not-show\n", "kind: Secret\ndo-not-show: [\n"} {
		_, err := parseKeys([]byte(text))
		if err == nil || !strings.Contains(err.Error(), "line ") || strings.Contains(err.Error(), "do-not-show") {
			t.Errorf("parseKeys(%q) = %v, want an error with the line and without its content", text, err)
		}
	}
}

func TestKeysOfASecretInACluster(t *testing.T) {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "longhorn-system", Name: "minio-secret"},
		Data:       map[string][]byte{s3.KeyAccessKeyID: []byte("longhorn"), s3.KeySecretAccessKey: []byte("do-not-show\n")},
	}
	c := &kube.Client{Core: fake.NewClientset(secret)}
	found, err := keysOfSecret(context.Background(), c, "longhorn-system/minio-secret")
	if err != nil {
		t.Fatal(err)
	}
	_, err = found.connection("us-east-1", "")
	if err == nil || !strings.Contains(err.Error(), s3.KeySecretAccessKey) || strings.Contains(err.Error(), "do-not-show") {
		t.Errorf("connection = %v, want the new line at the end told", err)
	}
	for _, name := range []string{"minio-secret", "a/b/c", "/b", "longhorn-system/other"} {
		if _, err := keysOfSecret(context.Background(), c, name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("keysOfSecret(%q) = %v, want an error that names it", name, err)
		}
	}
}

func TestTheEndpointIsTheOneGivenElseThatOfTheKeysElseAmazons(t *testing.T) {
	keysWith := func(endpoint string) keys {
		return mapped(map[string]string{s3.KeyAccessKeyID: "id", s3.KeySecretAccessKey: "key", s3.KeyEndpoints: endpoint}, "a file")
	}
	for _, c := range []struct{ inKeys, given, want string }{
		{"https://minio:9000", "https://here:1", "https://here:1"},
		{"https://minio:9000", "", "https://minio:9000"},
		{"", "", "https://s3.eu-west-1.amazonaws.com"},
	} {
		got, err := keysWith(c.inKeys).connection("eu-west-1", c.given)
		if err != nil || got.Endpoint != c.want || got.Region != "eu-west-1" {
			t.Errorf("connection = %v in %s, %v, want %s", got, got.Region, err, c.want)
		}
	}
}

func TestABucketIsAuditedWithTheKeysOfAFile(t *testing.T) {
	var signed string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed = r.Header.Get("Authorization")
		if r.URL.Path == "/bucket/" && r.URL.Query().Get("prefix") == "prod/backupstore/volumes/" {
			text, _ := xml.Marshal(struct {
				XMLName  xml.Name `xml:"ListBucketResult"`
				Contents struct{ Key, LastModified string }
			}{Contents: struct{ Key, LastModified string }{"prod/backupstore/volumes/stray", "2026-01-02T03:04:05Z"}})
			_, _ = w.Write(text)
			return
		}
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<Error><Code>AccessDenied</Code></Error>`)
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "secret.yaml")
	if err := os.WriteFile(file, []byte(secretYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := muster("audit", "s3://bucket@eu-west-1/prod/", "--secret-file", file, "--endpoint", server.URL)
	if err != errNotPassed || !strings.Contains(out, "unknown-object: backupstore/volumes/stray") || strings.Contains(out, "do-not-show") {
		t.Errorf("muster audit = %v, printed\n%s", err, out)
	}
	if !strings.Contains(signed, "longhorn/") || !strings.Contains(signed, "/eu-west-1/") {
		t.Errorf("the requests were signed as %q, want user longhorn in eu-west-1", signed)
	}
	out, err = muster("audit", "s3://other@eu-west-1/", "--secret-file", file, "--endpoint", server.URL)
	if err == nil || !strings.Contains(err.Error(), "bucket other") || strings.Contains(out+err.Error(), "do-not-show") {
		t.Errorf("muster audit of another bucket = %v, printed %s", err, out)
	}
}
