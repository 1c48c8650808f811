//go:build linux

package embedded

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
)

const (
	// addedPrograms is where programs are put, below the node's /var/lib, which is a directory of the cluster's own.
	addedPrograms = "muster/bin"
	// firstInPath is the directory that programs are looked for in first; the node has it from this machine.
	firstInPath = "/usr/local/sbin"
)

// node is the one node of an embedded cluster.
type node struct {
	layout layout
	pid    int // of the cluster's first process
	ctr    string
}

var _ cluster.Node = (*node)(nil)

// Nodes implements cluster.Provider: there is one.
func (Clusters) Nodes(_ context.Context, name string, set *components.Set) ([]cluster.Node, error) {
	if err := cluster.CheckName(name); err != nil {
		return nil, err
	}
	l := newLayout(StateRoot(), name)
	r, err := loadRecord(l)
	if err != nil {
		return nil, err
	}
	if !r.running() {
		return nil, fmt.Errorf("cluster %q is not running", name)
	}
	return []cluster.Node{&node{layout: l, pid: r.Supervisor.PID, ctr: set.Binary("ctr")}}, nil
}

// Name implements cluster.Node.
func (n *node) Name() string { return nodeName(n.layout.name) }

// LoadArchive implements cluster.Node.
func (n *node) LoadArchive(ctx context.Context, archive string) error {
	// The socket lies in the cluster's own /run, reached through its first process.
	socket := fmt.Sprintf("/proc/%d/root/run/containerd/containerd.sock", n.pid)
	cmd := exec.CommandContext(ctx, n.ctr, "--address", socket, "--namespace", "k8s.io", "images", "import", "--local", archive)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("import %s: %w: %s", archive, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Put implements cluster.Node. The directories of programs are this machine's: those of the
// cluster are laid over one of them, in the cluster's view alone.
func (n *node) Put(ctx context.Context, program string, names ...string) error {
	dir := filepath.Join(n.layout.file("var-lib"), addedPrograms)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make a directory for programs of cluster %q: %w", n.layout.name, err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return fmt.Errorf("read the program for the node: %w", err)
	}
	for _, name := range names {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file+".new", content, 0o755); err != nil {
			return fmt.Errorf("put %s onto the node: %w", name, err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			return err
		}
	}
	const source = "muster-programs"
	if mounted, err := n.Run(ctx, "grep", "-c", "^"+source+" ", "/proc/self/mounts"); err == nil && mounted != "0" {
		return nil
	}
	layers := "ro,lowerdir=/var/lib/" + addedPrograms + ":" + firstInPath
	_, err = n.Run(ctx, "mount", "-t", "overlay", "-o", layers, source, firstInPath)
	return err
}

// Run implements cluster.Node.
func (n *node) Run(ctx context.Context, command ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := n.command(ctx, command)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("run %s in cluster %q: %w: %s", command[0], n.layout.name, err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(stdout.String()), nil
}

// Start implements cluster.Node. The command ends with the cluster's first process.
func (n *node) Start(ctx context.Context, name string, command ...string) error {
	log, err := os.Create(n.layout.log(name))
	if err != nil {
		return fmt.Errorf("make the log of %s: %w", name, err)
	}
	defer log.Close()
	cmd := n.command(context.WithoutCancel(ctx), command)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s in cluster %q: %w", name, n.layout.name, err)
	}
	go func() { _ = cmd.Wait() }() // else it would stay as a zombie
	return nil
}

// command runs in all namespaces of the cluster's first process.
func (n *node) command(ctx context.Context, command []string) *exec.Cmd {
	args := append([]string{"--target", strconv.Itoa(n.pid), "--mount", "--net", "--pid", "--ipc", "--uts", "--"}, command...)
	cmd := exec.CommandContext(ctx, "nsenter", args...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	cmd.Dir = "/"
	return cmd
}
