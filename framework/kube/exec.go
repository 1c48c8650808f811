package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/client-go/util/exec"
)

// ExitError is the error of Exec when the command itself failed.
type ExitError struct {
	// Command is what was run, Pod where.
	Command, Pod string
	// Code is its exit code.
	Code int
	// Stderr is what it wrote to standard error, trimmed.
	Stderr string
}

// Error says which command failed where, and what it said.
func (e *ExitError) Error() string {
	return fmt.Sprintf("%s in pod %s ended with exit code %d: %s", e.Command, e.Pod, e.Code, e.Stderr)
}

// Exec runs a command in a running container and returns what it wrote to
// standard output. A command that fails gives an *ExitError.
func (c *Client) Exec(ctx context.Context, namespace, pod, container string, command ...string) ([]byte, error) {
	var stdout bytes.Buffer
	err := c.ExecTo(ctx, &stdout, namespace, pod, container, command...)
	return stdout.Bytes(), err
}

// ExecTo is Exec with standard output going to a writer, for what is large.
func (c *Client) ExecTo(ctx context.Context, stdout io.Writer, namespace, pod, container string, command ...string) error {
	executor, err := c.executor(namespace, pod, container, command)
	if err != nil {
		return fmt.Errorf("cannot run %s in pod %s: %w", command[0], pod, err)
	}
	var stderr bytes.Buffer
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: stdout, Stderr: &stderr})
	var exit utilexec.CodeExitError
	if errors.As(err, &exit) {
		return &ExitError{
			Command: strings.Join(command, " "), Pod: namespace + "/" + pod,
			Code: exit.Code, Stderr: strings.TrimSpace(stderr.String()),
		}
	}
	if err != nil {
		return fmt.Errorf("cannot run %s in pod %s/%s: %w", strings.Join(command, " "), namespace, pod, err)
	}
	return nil
}

// executor speaks WebSocket and falls back to SPDY for API servers or proxies without.
func (c *Client) executor(namespace, pod, container string, command []string) (remotecommand.Executor, error) {
	url := c.Core.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: container, Command: command, Stdout: true, Stderr: true}, scheme.ParameterCodec).URL()
	socket, err := remotecommand.NewWebSocketExecutor(c.REST, "GET", url.String())
	if err != nil {
		return nil, err
	}
	spdy, err := remotecommand.NewSPDYExecutor(c.REST, "POST", url)
	if err != nil {
		return nil, err
	}
	return remotecommand.NewFallbackExecutor(socket, spdy, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	})
}
