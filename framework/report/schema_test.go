package report

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// schemaFile is the JSON schema of report.yaml. It is made from the types and
// their comments: go test ./framework/report -run Schema -update
const schemaFile = "../../docs/report.schema.json"

var update = flag.Bool("update", false, "write docs/report.schema.json anew")

// schema is a JSON schema, or a part of one.
type schema map[string]any

func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	want, err := json.MarshalIndent(reportSchema(t), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what the types say; run: go test ./framework/report -run Schema -update\n%s", schemaFile, diff)
	}
}

// reportSchema describes the type Report and all it is made of.
func reportSchema(t *testing.T) schema {
	t.Helper()
	docs := readDocs(t, ".", "../contract")
	defs := schema{}
	root := docs.schemaOf(t, reflect.TypeFor[Report](), defs)
	return schema{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     "https://muster-csi.github.io/schema/" + APIVersion[strings.Index(APIVersion, "/")+1:] + "/report.json",
		"title":   Kind, "$ref": root["$ref"], "$defs": defs,
	}
}

// schemaOf describes a type; structs and enumerations go into defs.
func (d docs) schemaOf(t *testing.T, of reflect.Type, defs schema) schema {
	t.Helper()
	if of == reflect.TypeFor[time.Time]() {
		return schema{"type": "string", "format": "date-time"}
	}
	switch of.Kind() {
	case reflect.Struct:
		return d.define(of, defs, func() schema { return d.structSchema(t, of, defs) })
	case reflect.Slice:
		return schema{"type": "array", "items": d.schemaOf(t, of.Elem(), defs)}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": d.schemaOf(t, of.Elem(), defs)}
	case reflect.String:
		if values := d.values[of.Name()]; len(values) > 0 {
			return d.define(of, defs, func() schema { return schema{"type": "string", "enum": values} })
		}
		return schema{"type": "string"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return schema{"type": "integer"}
	case reflect.Float64:
		return schema{"type": "number"}
	case reflect.Bool:
		return schema{"type": "boolean"}
	}
	t.Fatalf("the schema has no word for %s", of)
	return nil
}

// define puts a named type into defs, once, and returns the reference to it.
func (d docs) define(of reflect.Type, defs schema, describe func() schema) schema {
	name := of.Name()
	if _, ok := defs[name]; !ok {
		defs[name] = schema{} // a type may contain itself
		described := describe()
		described["description"] = d.types[name]
		defs[name] = described
	}
	return schema{"$ref": "#/$defs/" + name}
}

func (d docs) structSchema(t *testing.T, of reflect.Type, defs schema) schema {
	t.Helper()
	properties, required := schema{}, []string{}
	for i := range of.NumField() {
		field := of.Field(i)
		key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		property := d.schemaOf(t, field.Type, defs)
		property["description"] = d.types[of.Name()+"."+field.Name]
		if property["description"] == "" {
			t.Errorf("%s.%s has no comment", of.Name(), field.Name)
		}
		properties[key] = property
		if options != "omitempty" {
			required = append(required, key)
		}
	}
	return schema{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
