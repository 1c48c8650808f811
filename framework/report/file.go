package report

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"sigs.k8s.io/yaml"
)

// Write stores the report as YAML, replacing the file as a whole.
func (r *Report) Write(path string) error {
	data, err := r.encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the report's folder: %w", err)
	}
	temp := path + ".tmp"
	if err := os.WriteFile(temp, data, 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("put the report in its place: %w", err)
	}
	return nil
}

// encode returns the report as YAML with the keys in the order of the type,
// so that a reader meets the verdict before hundreds of clauses and specs.
func (r *Report) encode() ([]byte, error) {
	var text []byte
	value := reflect.ValueOf(*r)
	for i := range value.NumField() {
		key, options, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		if options == "omitempty" && value.Field(i).IsZero() {
			continue
		}
		part, err := yaml.Marshal(map[string]any{key: value.Field(i).Interface()})
		if err != nil {
			return nil, fmt.Errorf("encode %s of the report: %w", key, err)
		}
		text = append(text, part...)
	}
	return text, nil
}

// Read loads a report. An unknown key, or a file of another form, is an error.
func Read(path string) (*Report, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	var r Report
	if err := yaml.UnmarshalStrict(data, &r); err != nil {
		return nil, fmt.Errorf("%s is not a report of this form: %w", path, err)
	}
	if r.APIVersion != APIVersion || r.Kind != Kind {
		return nil, fmt.Errorf("%s is %s %s, want %s %s", path, r.APIVersion, r.Kind, APIVersion, Kind)
	}
	return &r, nil
}
