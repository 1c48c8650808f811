package gate

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/muster-csi/muster/internal/nearest"
)

// unknownKey finds the key in the decoder's error.
var unknownKey = regexp.MustCompile(`unknown field "([^"]*)"`)

// suggestKey adds the nearest key to an error about one that is unknown.
func suggestKey(err error) error {
	found := unknownKey.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	return fmt.Errorf("unknown key %q; did you mean %s?", found[1], nearest.Of(found[1], keys(reflect.TypeFor[Policy]())))
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
