// Package workflows checks that what GitHub Actions does, anybody can do: the
// steps of the workflows call make, with targets and options that it has.
package workflows

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// root is the repository's, seen from this package.
const root = "../.."

type workflow struct {
	Jobs map[string]struct {
		Steps []step `json:"steps"`
	} `json:"jobs"`
}

type step struct {
	Run string            `json:"run"`
	Env map[string]string `json:"env"`
}

// variable is a shell variable in the arguments of a step.
var variable = regexp.MustCompile(`\$\{?([A-Z_]+)\}?`)

// stands says what a step is tried with in place of an expression of a workflow.
var stands = map[string]string{
	"CONTRACT": "1.12", "LABELS": "snap || bak", "NODE_IMAGE": "kindest/node:v1.36.3", "POLICY": "fixtures/gate.yaml", "LONGHORN_VERSION": "v1.12.1",
}

func TestStepsCallMakeWithWhatItKnows(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yaml"))
	if err != nil || len(files) < 3 {
		t.Fatalf("found workflows %v, %v", files, err)
	}
	calls := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var found workflow
		if err := yaml.Unmarshal(text, &found); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for name, job := range found.Jobs {
			for _, each := range job.Steps {
				if each.Run == "" {
					continue
				}
				calls++
				if err := tryMake(each); err != "" {
					t.Errorf("%s, job %s: %s\n%s", filepath.Base(file), name, each.Run, err)
				}
			}
		}
	}
	if calls < 6 {
		t.Errorf("only %d steps were looked at: the test does not read the workflows right", calls)
	}
}

// tryMake returns what is wrong with a step, "" for nothing. It asks make what it would do.
func tryMake(s step) string {
	line := strings.TrimPrefix(strings.TrimSpace(s.Run), "sudo -E ")
	if !strings.HasPrefix(line, "make ") || strings.ContainsAny(line, "\n;|&") {
		return "a step must be one call of make, so that nothing exists in YAML only"
	}
	unknown := ""
	line = variable.ReplaceAllStringFunc(line, func(name string) string {
		value, known := stands[strings.Trim(name, "${}")]
		if _, set := s.Env[strings.Trim(name, "${}")]; !known || !set {
			unknown = name
		}
		return value
	})
	if unknown != "" {
		return unknown + " is not set by the step, or this test does not know what to put in its place"
	}
	// --dry-run and the shell's own quoting: the arguments arrive as they do there.
	command := exec.Command("bash", "-c", strings.Replace(line, "make ", "make --dry-run ", 1))
	command.Dir = root
	// What make was told above must not reach the make below.
	command.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "MAKE") || strings.HasPrefix(v, "MFLAGS")
	})
	if output, err := command.CombinedOutput(); err != nil {
		return string(output)
	}
	return ""
}
