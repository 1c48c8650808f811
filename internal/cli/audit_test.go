package cli

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// half is the part of the SHA-512 that names things in a backup store.
func half(content string) string {
	sum := sha512.Sum512([]byte(content))
	return hex.EncodeToString(sum[:32])
}

// smallStore writes a backup store with the volume pvc-1, whose backups old and
// new share one block; new has one more, whose file is returned.
func smallStore(t *testing.T) (dir, newBlock string) {
	t.Helper()
	dir = t.TempDir()
	shared, more := strings.Repeat("a", 4096), strings.Repeat("b", 4096)
	h := half("pvc-1")
	at := filepath.Join(dir, "backupstore/volumes", h[:2], h[2:4], "pvc-1")
	block := func(content string) string {
		c := half(content)
		return filepath.Join(at, "blocks", c[:2], c[2:4], c+".blk")
	}
	backup := func(name string, contents ...string) string {
		var blocks []string
		for i, content := range contents {
			blocks = append(blocks, fmt.Sprintf(`{"Offset":%d,"BlockChecksum":"%s"}`, i*4096, half(content)))
		}
		return fmt.Sprintf(`{"Name":"%s","VolumeName":"pvc-1","SnapshotName":"snap-%s","CreatedTime":"2026-01-02T03:04:05Z","Size":"%d",
			"Parameters":{"backup-block-size":"4096"},"CompressionMethod":"none","Blocks":[%s]}`,
			name, name, 4096*len(contents), strings.Join(blocks, ","))
	}
	for file, content := range map[string]string{
		filepath.Join(at, "volume.cfg"): `{"Name":"pvc-1","Size":"16384","LastBackupName":"new","BlockCount":"2",
			"CompressionMethod":"\"none\"","DataEngine":"\"v1\"","StorageClassName":"\"\""}`,
		filepath.Join(at, "backups/backup_old.cfg"): backup("old", shared),
		filepath.Join(at, "backups/backup_new.cfg"): backup("new", shared, more),
		block(shared): shared,
		block(more):   more,
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir, block(more)
}

// muster runs the program with arguments and returns what it printed.
func muster(args ...string) (string, error) {
	var out bytes.Buffer
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(context.Background())
	return out.String(), err
}

func TestAuditOfACleanDirectory(t *testing.T) {
	dir, _ := smallStore(t)
	out, err := muster("audit", "file://"+dir)
	if err != nil || !strings.Contains(out, "pvc-1") || !strings.Contains(out, "Clean: nothing is wrong with 2 backups of 1 volume in 2 blocks") {
		t.Errorf("muster audit = %v, printed\n%s", err, out)
	}
}

func TestAuditNamesExactlyTheBackupsThatAreLost(t *testing.T) {
	dir, block := smallStore(t)
	if err := os.Remove(block); err != nil {
		t.Fatal(err)
	}
	out, err := muster("audit", "file://"+dir, "--volume", "pvc-1")
	if !errors.Is(err, errNotPassed) {
		t.Errorf("muster audit = %v, want exit code 1 without another message", err)
	}
	if !strings.Contains(out, "\n1 violation in ") || !strings.Contains(out, "\n  block-missing: ") || !strings.HasSuffix(out, "\nLost: pvc-1/new.\n") {
		t.Errorf("muster audit printed\n%s", out)
	}
}

func TestAViolationThatLosesNothingIsSaidToLoseNothing(t *testing.T) {
	dir, _ := smallStore(t)
	if err := os.WriteFile(filepath.Join(dir, "backupstore/volumes/odd\nname"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := muster("audit", "file://"+dir)
	if !errors.Is(err, errNotPassed) || !strings.HasSuffix(out, "\nNo backup is lost.\n") || strings.Contains(out, "odd\nname") {
		t.Errorf("muster audit = %v, printed\n%s", err, out)
	}
}

func TestAuditAsYAML(t *testing.T) {
	dir, block := smallStore(t)
	if err := os.Remove(block); err != nil {
		t.Fatal(err)
	}
	out, err := muster("audit", "file://"+dir, "-o", "yaml")
	if !errors.Is(err, errNotPassed) {
		t.Errorf("muster audit = %v, want exit code 1", err)
	}
	var got struct {
		Target     string
		Lost       []string
		Counts     struct{ Backups int }
		Violations []struct {
			Kind    string
			Backups []string
		}
	}
	if err := yaml.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Target != "file://"+dir || len(got.Lost) != 1 || got.Counts.Backups != 2 || len(got.Violations) != 1 || got.Violations[0].Kind != "block-missing" {
		t.Errorf("muster audit -o yaml printed\n%s", out)
	}
}

func TestAnEmptyTargetIsSaidToBeEmpty(t *testing.T) {
	out, err := muster("audit", "file://"+t.TempDir())
	if err != nil || strings.Contains(out, "Clean") || !strings.Contains(out, "no volume") {
		t.Errorf("muster audit = %v, printed\n%s", err, out)
	}
}

func TestAuditRefusesWhatItCannotDo(t *testing.T) {
	for want, args := range map[string][]string{
		"use text or yaml":                {"file:///tmp", "-o", "json"},
		"s3://bucket@region/path/":        {"nfs://server:/share"},
		"no such file or directory":       {"file:///no/such/directory"},
		"has no path":                     {"s3://bucket@us-east-1"},
		"give one of them":                {"file:///tmp", "--cluster", "x"},
		"--secret is for targets":         {"file:///tmp", "--secret", "a/b"},
		"--endpoint is for targets":       {"--endpoint", "https://h:1"},
		"name that with --secret":         {"s3://b/", "--kubeconfig", "x"},
		"[secret secret-file]":            {"s3://b/", "--secret", "a/b", "--secret-file", "x"},
		"did you mean --secret-file?":     {"s3://b/", "--secrets-file", "x"},
		"cannot be the name of a volume":  {"file:///tmp", "--volume", "../x"},
		`cluster "no-such" is absent`:     {"--cluster", "no-such"},
		"AWS_ACCESS_KEY_ID, AWS_SECRET_A": {"s3://b/", "--secret-file", "/dev/null"},
	} {
		if out, err := muster(append([]string{"audit"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("muster audit %v = %v, want an error with %q; printed %s", args, err, want, out)
		}
	}
}
