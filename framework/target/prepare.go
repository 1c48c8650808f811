package target

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/muster-csi/muster/driver/config"
)

// everything lets all objects pass as they are.
func everything(*unstructured.Unstructured) (bool, error) { return true, nil }

// ofKind lets objects of that kind pass.
func ofKind(kind string) func(*unstructured.Unstructured) (bool, error) {
	return func(object *unstructured.Unstructured) (bool, error) { return object.GetKind() == kind, nil }
}

// following lets all objects pass and has the driver among them follow the contract.
func following(contract string) func(*unstructured.Unstructured) (bool, error) {
	return func(object *unstructured.Unstructured) (bool, error) {
		release, err := config.ParseContract(contract)
		if err != nil {
			return false, err
		}
		if object.GetKind() == "CSIDriver" {
			return true, unstructured.SetNestedField(object.Object, release.HasCapacity(), "spec", "storageCapacity")
		}
		path := []string{"spec", "template", "spec", "containers"}
		containers, found, err := unstructured.NestedSlice(object.Object, path...)
		if err != nil || !found {
			return true, err
		}
		for _, each := range containers {
			if err := followingContainer(each, release); err != nil {
				return false, err
			}
		}
		return true, unstructured.SetNestedSlice(object.Object, containers, path...)
	}
}

// followingContainer changes the arguments of the driver and, for a release that does
// not tell its capacity, of the provisioner, which would ask for it all the time.
func followingContainer(each any, release config.Contract) error {
	container, ok := each.(map[string]any)
	if !ok {
		return nil
	}
	args, _, err := unstructured.NestedStringSlice(container, "args")
	if err != nil {
		return fmt.Errorf("arguments of container %v: %w", container["name"], err)
	}
	switch {
	case container["name"] == driverContainer:
		args = setFlag(args, "--contract=", release.String())
	case container["name"] == "csi-provisioner" && !release.HasCapacity():
		args = slices.DeleteFunc(args, func(arg string) bool {
			return arg == "--enable-capacity" || strings.HasPrefix(arg, "--capacity-") || strings.HasPrefix(arg, "--immediate-topology")
		})
	default:
		return nil
	}
	return unstructured.SetNestedStringSlice(container, args, "args")
}
