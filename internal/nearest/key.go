package nearest

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// unknownKey finds the key in the decoder's error.
var unknownKey = regexp.MustCompile(`unknown field "([^"]*)"`)

// Key adds the nearest key of a struct, or of those below it, to a YAML decoder's
// error about one that is unknown.
func Key(err error, of reflect.Type) error {
	found := unknownKey.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	return fmt.Errorf("unknown key %q; did you mean %s?", found[1], Of(found[1], keys(of)))
}

// keys lists the keys of a struct and of those below it.
func keys(of reflect.Type) []string {
	switch of.Kind() {
	case reflect.Pointer, reflect.Map:
		return keys(of.Elem())
	case reflect.Struct:
	default:
		return nil
	}
	var names []string
	for i := range of.NumField() {
		if name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ","); name != "" {
			names = append(append(names, name), keys(of.Field(i).Type)...)
		}
	}
	return names
}
