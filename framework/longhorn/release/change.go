package release

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// inConfig changes the YAML text that a ConfigMap has under a key.
func inConfig(key string, change func(map[string]any) error) func(*unstructured.Unstructured) error {
	return func(object *unstructured.Unstructured) error {
		text, found, err := unstructured.NestedString(object.Object, "data", key)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("it has no key %s", key)
		}
		content := map[string]any{}
		if err := yaml.Unmarshal([]byte(text), &content); err != nil {
			return fmt.Errorf("key %s: %w", key, err)
		}
		if err := change(content); err != nil {
			return fmt.Errorf("key %s: %w", key, err)
		}
		changed, err := yaml.Marshal(content)
		if err != nil {
			return err
		}
		return unstructured.SetNestedField(object.Object, string(changed), "data", key)
	}
}

// setReplicas makes a StorageClass one of volumes with a single replica.
func setReplicas(class map[string]any) error {
	if class["kind"] != "StorageClass" {
		return fmt.Errorf("it has a %v, not a StorageClass", class["kind"])
	}
	return unstructured.SetNestedField(class, "1", "parameters", "numberOfReplicas")
}

// settings sets values beside those that a ConfigMap of settings has.
func settings(key string, values map[string]string) func(*unstructured.Unstructured) error {
	return inConfig(key, func(content map[string]any) error {
		for name, value := range values {
			content[name] = value
		}
		return nil
	})
}

// setVariables gives variables of the environment to the one container of a pod template.
func setVariables(names []string, value string) func(*unstructured.Unstructured) error {
	return func(object *unstructured.Unstructured) error {
		path := []string{"spec", "template", "spec", "containers"}
		containers, _, err := unstructured.NestedSlice(object.Object, path...)
		if err != nil {
			return err
		}
		if len(containers) != 1 {
			return fmt.Errorf("it has %d containers, not one", len(containers))
		}
		container, ok := containers[0].(map[string]any)
		if !ok {
			return fmt.Errorf("its container is a %T", containers[0])
		}
		before, _, err := unstructured.NestedSlice(container, "env")
		if err != nil {
			return err
		}
		env := slices.DeleteFunc(before, func(variable any) bool {
			fields, _ := variable.(map[string]any)
			key, _ := fields["name"].(string)
			return slices.Contains(names, key)
		})
		for _, name := range names {
			env = append(env, map[string]any{"name": name, "value": value})
		}
		container = maps.Clone(container)
		container["env"] = env
		return unstructured.SetNestedSlice(object.Object, []any{container}, path...)
	}
}

// setCount sets the number of pods of a Deployment.
func setCount(count int64) func(*unstructured.Unstructured) error {
	return func(object *unstructured.Unstructured) error {
		return unstructured.SetNestedField(object.Object, count, "spec", "replicas")
	}
}
