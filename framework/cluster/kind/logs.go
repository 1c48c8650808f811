package kind

import "fmt"

// exportLogs copies what kind collects of each node into a directory: journals,
// kubelet, containerd, pods, and what the engine says of the container.
func exportLogs(name, dir string) error {
	if err := library().CollectLogs(name, dir); err != nil {
		return fmt.Errorf("export the logs of kind cluster %q: %w", name, err)
	}
	return nil
}
