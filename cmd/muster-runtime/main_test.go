package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescribedBy(t *testing.T) {
	for _, c := range []struct {
		args   string
		file   string
		bundle bool
	}{
		{"--root /r --log /l --log-format json create --bundle /b --pid-file /p id", "/b/config.json", true},
		{"create --bundle=/b id", "/b/config.json", true},
		{"run -b /b id", "/b/config.json", true},
		{"create id", "config.json", true},
		{"--root /r exec --process /tmp/p --detach id", "/tmp/p", false},
		{"exec -p=/tmp/p id", "/tmp/p", false},
		{"exec id -- sh --process /etc/passwd", "", false},
		{"--root /r delete --force id", "", false},
		{"--version", "", false},
	} {
		file, bundle := describedBy(strings.Fields(c.args))
		if file != c.file || bundle != c.bundle {
			t.Errorf("runc %s is described by %q (bundle %t), want %q (%t)", c.args, file, bundle, c.file, c.bundle)
		}
	}
}

const process = `{"args":["sh"],"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_RESOURCE","CAP_SYS_ADMIN"],"effective":["CAP_SYS_RESOURCE"]},
	"rlimits":[{"type":"RLIMIT_NOFILE","hard":1048576,"soft":1048576}],"oomScoreAdj":-999,"user":{"uid":0}}`

const without1 = `{"args":["sh"],"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_ADMIN"],"effective":[]},"user":{"uid":0}}`

func TestRewrite(t *testing.T) {
	for name, c := range map[string]struct {
		given, want string
		bundle      bool
	}{
		"a process": {process, without1, false},
		"a bundle": {
			`{"ociVersion":"1.0.2","process":` + process + `,"linux":{"resources":{"memory":{"limit":9223372036854771712}}}}`,
			`{"ociVersion":"1.0.2","process":` + without1 + `,"linux":{"resources":{"memory":{"limit":9223372036854771712}}}}`, true,
		},
		"a bundle without a process": {`{"ociVersion":"1.0.2"}`, `{"ociVersion":"1.0.2"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "config.json")
			if err := os.WriteFile(file, []byte(c.given), 0o640); err != nil {
				t.Fatal(err)
			}
			if err := rewrite(file, c.bundle); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tree(t, c.want), tree(t, read(t, file))); diff != "" {
				t.Error("want -, got +\n" + diff)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("the file's rights changed: %v, %v", info.Mode(), err)
			}
		})
	}
}

// TestBecomesRuntime runs the whole program with a runc that shows what it was
// given.
func TestBecomesRuntime(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "muster-runtime")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	fake := "#!/bin/sh\necho \"$@\"\ncat \"$3/config.json\"\nexit 7\n"
	if err := os.WriteFile(filepath.Join(dir, "runc"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(dir, "config.json")
	if err := os.WriteFile(bundle, []byte(`{"process":{"oomScoreAdj":-5}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "create", "--bundle", dir, "id")
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 7 {
		t.Fatalf("want runc's exit code 7: %v", err)
	}
	want := "create --bundle " + dir + " id\n" + `{"process":{}}`
	if mayHaveResource() {
		want = "create --bundle " + dir + " id\n" + `{"process":{"oomScoreAdj":-5}}`
	}
	if string(out) != want {
		t.Errorf("runc was given %q, want %q", out, want)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tree decodes JSON with its numbers as they are written.
func tree(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
