package runner

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Suite is the built suite: all specs in one test binary, and the program that
// runs several processes of it.
type Suite struct {
	// Binary is the path of the test binary.
	Binary string
	// Ginkgo is the path of Ginkgo's runner, of the same version.
	Ginkgo string
}

// BuildSuite builds the suite of the repository at root into dir. The Go build
// cache makes this fast when nothing changed.
func BuildSuite(ctx context.Context, root, dir string) (*Suite, error) {
	suite := &Suite{Binary: filepath.Join(dir, "suites.test"), Ginkgo: filepath.Join(dir, "ginkgo")}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder for the suite's binary: %w", err)
	}
	steps := [][]string{
		{"test", "-c", "-buildvcs=false", "-o", suite.Binary, "./suites"},
		{"build", "-buildvcs=false", "-o", suite.Ginkgo, "github.com/onsi/ginkgo/v2/ginkgo"},
	}
	for _, args := range steps {
		if err := runGo(ctx, root, args...); err != nil {
			return nil, err
		}
	}
	return suite, nil
}

// runGo runs the go command in dir; its error carries what go printed.
func runGo(ctx context.Context, dir string, args ...string) error {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted while building the suite: %w", ctx.Err())
		}
		return fmt.Errorf("build the suite: go %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(output.String()))
	}
	return nil
}
