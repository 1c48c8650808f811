package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestARealReportIsValid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.yaml")
	if err := Build(input(), catalogue(t)).Write(path); err != nil {
		t.Fatal(err)
	}
	for _, mistake := range mistakesIn(t, path) {
		t.Error(mistake)
	}
}

func TestTheSchemaRefusesOtherReports(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.yaml")
	if err := Build(input(), catalogue(t)).Write(path); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"an unknown key", "verdict:", "verdikt: passed\nverdict:", "verdikt is not known"},
		{"a missing key", "kind: ", "kind2: ", "kind is missing"},
		{"another verdict", "verdict: failed", "verdict: splendid", "splendid"},
		{"a text for a number", "attempts: 1", "attempts: once", "attempts"},
		{"a text for a list", "leaks:\n- name: PersistentVolume pvc-1\n  spec: b", "leaks: none", "leaks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(string(good), c.old) {
				t.Fatalf("the report has no %q:\n%s", c.old, good)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(good), c.old, c.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(mistakesIn(t, path), "; "); !strings.Contains(got, c.want) {
				t.Errorf("mistakes are %q, want one about %q", got, c.want)
			}
		})
	}
}

// mistakesIn holds the report at path against docs/report.schema.json.
func mistakesIn(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var root schema
	if err := json.Unmarshal(file, &root); err != nil {
		t.Fatal(err)
	}
	return root.check("report", value, root)
}

// check is as much of JSON schema as the file uses.
func (s schema) check(at string, value any, root schema) []string {
	if ref, ok := s["$ref"].(string); ok {
		defs := root["$defs"].(map[string]any)
		return schema(defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)).check(at, value, root)
	}
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, value) {
		return []string{fmt.Sprintf("%s is %v, want one of %v", at, value, enum)}
	}
	switch value := value.(type) {
	case map[string]any:
		if s["type"] == "object" {
			return s.checkObject(at, value, root)
		}
	case []any:
		if s["type"] == "array" {
			var mistakes []string
			for i, item := range value {
				mistakes = append(mistakes, schema(s["items"].(map[string]any)).check(fmt.Sprintf("%s[%d]", at, i), item, root)...)
			}
			return mistakes
		}
	case string:
		if s["type"] == "string" {
			return nil
		}
	case float64:
		if s["type"] == "number" || s["type"] == "integer" && value == float64(int64(value)) {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s is %T, want %v", at, value, s["type"])}
}

func (s schema) checkObject(at string, value map[string]any, root schema) []string {
	var mistakes []string
	properties, _ := s["properties"].(map[string]any)
	for key, item := range value {
		if property, ok := properties[key].(map[string]any); ok {
			mistakes = append(mistakes, schema(property).check(at+"."+key, item, root)...)
		} else if any, ok := s["additionalProperties"].(map[string]any); ok {
			mistakes = append(mistakes, schema(any).check(at+"."+key, item, root)...)
		} else {
			mistakes = append(mistakes, fmt.Sprintf("%s.%s is not known", at, key))
		}
	}
	required, _ := s["required"].([]any)
	for _, key := range required {
		if _, ok := value[key.(string)]; !ok {
			mistakes = append(mistakes, fmt.Sprintf("%s.%s is missing", at, key))
		}
	}
	return mistakes
}
