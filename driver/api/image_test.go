package api

import (
	"strings"
	"testing"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

func TestCheckBackingImage(t *testing.T) { // C-41, R-50, R-55
	const download, export = longhorn.BackingImageDataSourceTypeDownload, longhorn.BackingImageDataSourceTypeExportFromVolume
	url := func(text string) map[string]string { return map[string]string{ImageURL: text} }
	for name, c := range map[string]struct {
		name, sum  string
		from       longhorn.BackingImageDataSourceType
		parameters map[string]string
		fragment   string // of the error, "" for none
	}{
		"download":      {"parrot", "", download, url("https://host/a?b=c"), ""},
		"checksum":      {"parrot", strings.Repeat("0f", 64), download, url("http://host/a"), ""},
		"dots in name":  {"parrot_1.2-x", "", download, url("http://host/a"), ""},
		"short name":    {"p", "", download, url("http://host/a"), "invalid name"},
		"capitals":      {"Parrot", "", download, url("http://host/a"), "invalid name"},
		"upper case":    {"parrot", strings.Repeat("0F", 64), download, url("http://host/a"), "invalid checksum"},
		"SHA-256":       {"parrot", strings.Repeat("0f", 32), download, url("http://host/a"), "invalid checksum"},
		"ftp":           {"parrot", "", download, url("ftp://host/a"), "invalid url"},
		"file":          {"parrot", "", download, url("file:///etc/passwd"), "invalid url"},
		"no host":       {"parrot", "", download, url("http:///a"), "invalid url"},
		"raw":           {"parrot", "", export, map[string]string{ImageExportType: "raw"}, ""},
		"qcow2":         {"parrot", "", export, map[string]string{ImageExportType: "qcow2"}, ""},
		"vmdk":          {"parrot", "", export, map[string]string{ImageExportType: "vmdk"}, "unsupported export type"},
		"no export":     {"parrot", "", export, nil, "unsupported export type"},
		"other sources": {"parrot", "", longhorn.BackingImageDataSourceTypeClone, nil, ""},
	} {
		image := NewBackingImage("ns", c.name, "node", c.from, c.parameters)
		image.Spec.Checksum = c.sum
		err := CheckBackingImage(image)
		if (err == nil) != (c.fragment == "") || err != nil && !strings.Contains(err.Error(), c.fragment) {
			t.Errorf("%s: got %v, want %q", name, err, c.fragment)
		}
	}
}
