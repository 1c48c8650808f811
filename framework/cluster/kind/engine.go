package kind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// ownSocket is where the engine listens that scripts/docker.sh starts. It is used
// where Docker has no other place for it.
const ownSocket = "/run/muster-docker/docker.sock"

// engineWithin bounds how long an engine may take to answer.
const engineWithin = 20 * time.Second

// ErrNoEngine is returned when no Docker engine can be reached.
var ErrNoEngine = errors.New("kind needs a running Docker engine")

// checkEngine returns an error that names the remedy when no engine answers. From
// then on this process, and kind in it, use the one that does.
func checkEngine(ctx context.Context) error {
	if _, err := exec.LookPath("docker"); err != nil {
		return fmt.Errorf("%w and the docker command is not in PATH; install Docker, or have one by hand: sudo scripts/docker.sh start", ErrNoEngine)
	}
	chooseEngine()
	ctx, cancel := context.WithTimeout(ctx, engineWithin)
	defer cancel()
	if _, err := docker(ctx, nil, "version", "--format={{.Server.Version}}"); err != nil {
		return fmt.Errorf("%w and none answers (%w); start it (sudo systemctl start docker), or have one by hand: sudo scripts/docker.sh start", ErrNoEngine, err)
	}
	return nil
}

// chooseEngine points to the engine of scripts/docker.sh when that runs and
// neither the environment nor the usual place has another.
func chooseEngine() {
	if os.Getenv("DOCKER_HOST") != "" || os.Getenv("DOCKER_CONTEXT") != "" {
		return
	}
	if _, err := os.Stat("/var/run/docker.sock"); err == nil {
		return
	}
	if _, err := os.Stat(ownSocket); err == nil {
		os.Setenv("DOCKER_HOST", "unix://"+ownSocket)
	}
}

// docker runs the client and returns what it prints; an error is what it says.
func docker(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return "", fmt.Errorf("docker %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(stdout.String()), nil
}
