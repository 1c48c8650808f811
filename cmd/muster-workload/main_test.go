package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// run executes the program's command line and returns what it printed.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := newRootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	return strings.TrimSpace(out.String()), err
}

func TestWrittenContentIsSummedAndVerified(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	wrote, err := run(t, "write", "--path", path, "--seed", "5", "--mib", "2")
	if err != nil {
		t.Fatal(err)
	}
	if len(wrote) != 64 {
		t.Errorf("write printed %q, want a SHA-256 in hex", wrote)
	}
	if sum, err := run(t, "sum", "--path", path); err != nil || sum != wrote {
		t.Errorf("sum = %q, %v; want %q", sum, err, wrote)
	}
	if _, err := run(t, "verify", "--path", path, "--seed", "5", "--mib", "2"); err != nil {
		t.Errorf("verify: %v", err)
	}
	if _, err := run(t, "verify", "--path", path, "--seed", "6", "--mib", "2"); err == nil || !strings.Contains(err.Error(), "at byte 0") {
		t.Errorf("verify with another seed = %v, want byte 0 named", err)
	}
}

func TestBadCommandLinesAreRefused(t *testing.T) {
	for want, args := range map[string][]string{
		"path":        {"write", "--seed", "1", "--mib", "1"},
		"negative":    {"sum", "--path", "/dev/null", "--mib", "-1"},
		"unknown":     {"writ"},
		"AWS_":        {"s3", "put-get", "--bucket", "b"},
		"no such":     {"sum", "--path", "/nowhere/data"},
		"no-such.inv": {"resolve", "no-such.invalid"},
	} {
		if _, err := run(t, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v = %v, want an error containing %q", args, err, want)
		}
	}
}
