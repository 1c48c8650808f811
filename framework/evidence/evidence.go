// Package evidence writes what explains a failed spec into a folder: its
// objects, events, the logs of driver and sidecars since the spec began, and
// the CSI calls about its volumes. Nothing secret gets into it.
package evidence

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/internal/redact"
)

// Source says where evidence comes from.
type Source struct {
	// Client reads the cluster.
	Client client.Client
	// Namespace is the spec's own.
	Namespace string
	// Since is when the spec began.
	Since time.Time
	// Logs returns the logs of driver and sidecars since a moment, by "pod/container"; nil when the target has none.
	Logs func(ctx context.Context, since time.Time) (map[string][]byte, error)
	// Report is the failure as the spec stated it.
	Report string
	// Why is what leads from the awaited objects to the cause of a wait in vain, "" without.
	Why string
}

// Collect writes the evidence into dir, which it creates, and replaces an older one. It goes on when a part fails, and returns all errors joined.
func Collect(ctx context.Context, source Source, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("replace evidence of an earlier run in %s: %w", dir, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the evidence folder %s: %w", dir, err)
	}
	failures := []error{AddFailure(dir, source.Report)}
	if source.Why != "" {
		failures = append(failures, write(dir, "why.txt", []byte(source.Why)))
	}
	objects, names, err := gather(ctx, source)
	failures = append(failures, err)
	failures = append(failures, write(dir, "names.txt", []byte(strings.Join(names, "\n")+"\n")))
	failures = append(failures, writeObjects(dir, source.Client.Scheme(), objects))
	failures = append(failures, writeEvents(ctx, source, dir))
	if source.Logs != nil {
		failures = append(failures, writeLogs(ctx, source, dir, names))
	}
	return errors.Join(failures...)
}

// AddFailure appends to what the folder says of the failure.
func AddFailure(dir, why string) error {
	path := filepath.Join(dir, "failure.txt")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("write evidence: %w", err)
	}
	defer file.Close()
	if _, err := file.WriteString(redact.Text(why) + "\n"); err != nil {
		return fmt.Errorf("write evidence %s: %w", path, err)
	}
	return nil
}

// write puts one redacted file into the folder.
func write(dir, name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(dir, name), redact.Bytes(content), 0o644); err != nil {
		return fmt.Errorf("write evidence %s: %w", name, err)
	}
	return nil
}
