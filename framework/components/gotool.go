package components

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// goTool is the Go command and what of its configuration matters to a build.
type goTool struct {
	path     string
	version  string // for example "go1.26.8"
	cache    string // GOCACHE
	modCache string // GOMODCACHE
}

// findGo looks for the go command in PATH, beside the toolchain that built
// this program, and in /usr/local/go, because sudo shortens PATH.
func findGo(ctx context.Context) (*goTool, error) {
	path, err := exec.LookPath("go")
	for _, dir := range []string{os.Getenv("GOROOT"), "/usr/local/go"} {
		if err == nil {
			break
		}
		path, err = exec.LookPath(filepath.Join(dir, "bin", "go"))
	}
	if err != nil {
		return nil, fmt.Errorf("the go command is not in PATH: install Go (https://go.dev/dl) or add its bin directory to PATH")
	}
	g := &goTool{path: path}
	out, err := g.command("", false, "env", "GOVERSION", "GOCACHE", "GOMODCACHE").output(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask Go for its version: %w", err)
	}
	lines := strings.Split(out, "\n")
	if len(lines) < 3 {
		return nil, fmt.Errorf("ask Go for its version: unexpected answer %q", out)
	}
	g.version, g.cache, g.modCache = lines[0], lines[1], lines[2]
	return g, nil
}

// command returns a go command to run in dir. Its environment is the caller's
// without what would change the build.
func (g *goTool) command(dir string, cgo bool, args ...string) command {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "GOFLAGS", "GOWORK", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT", "CGO_ENABLED":
		default:
			env = append(env, v)
		}
	}
	enabled := "0"
	if cgo {
		enabled = "1"
	}
	env = append(env,
		// An empty GOFLAGS would let the flags of "go env -w" in; this one is
		// Go's default, said aloud.
		"GOFLAGS=-mod=readonly",
		"GOWORK=off",
		"GOOS="+runtime.GOOS,
		"GOARCH="+runtime.GOARCH,
		"CGO_ENABLED="+enabled,
	)
	return command{dir: dir, env: env, argv: append([]string{g.path}, args...)}
}

// buildArgs returns the arguments of "go build" that compile pkg reproducibly
// into the file out.
func buildArgs(tags, ldflags, out, pkg string) []string {
	args := []string{"build", "-trimpath", "-buildvcs=false"}
	if tags != "" {
		args = append(args, "-tags", tags)
	}
	return append(args, "-ldflags", strings.TrimSpace("-s -w "+ldflags), "-o", out, pkg)
}

// testArgs returns the arguments of "go test" that compile the tests of pkg likewise.
func testArgs(out, pkg string) []string {
	return append([]string{"test", "-c"}, buildArgs("", "", out, pkg)[1:]...)
}
