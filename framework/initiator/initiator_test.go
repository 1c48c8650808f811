//go:build linux

package initiator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/cluster/clustertest"
	"github.com/muster-csi/muster/framework/cluster/embedded"
	"github.com/muster-csi/muster/framework/cluster/kind"
	"github.com/muster-csi/muster/framework/components"
	"github.com/muster-csi/muster/framework/initiator"
)

const (
	iqn  = "iqn.2019-10.io.longhorn:test"
	disk = "/var/lib/disk.img" // the target's file, in the cluster's own state
)

// TestANodeAttachesATargetAsLonghornDoes runs Debian's tgtd in the node of an embedded cluster,
// logs in to it from the namespaces of iscsid, and takes the cluster down with the session open.
func TestANodeAttachesATargetAsLonghornDoes(t *testing.T) {
	clustertest.Skip(t)
	if _, err := exec.LookPath("tgtd"); err != nil {
		t.Skip("it needs tgtd: scripts/setup.sh --iscsi installs it")
	}
	program := built(t)
	before := programsOfThisMachine(t)
	node, info, down := up(t, embedded.Clusters{}, embedded.ComponentNames())
	for range 2 { // it may be called again
		if err := initiator.Start(t.Context(), []cluster.Node{node}, program); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, node)
	device := login(t, node)
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	if err := os.WriteFile(filepath.Join(info.StateDir, "var-lib", "content"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, node, "dd", "if=/var/lib/content", "of=/dev/"+device, "bs=1M", "conv=fsync")
	run(t, node, "cmp", "-n", fmt.Sprint(len(content)), "/var/lib/content", disk)
	asLonghorn(t, node, "sh", "-c", "cd /sys/block/"+device+" && echo 90 >device/timeout && test $(cat device/timeout size | tr -d '\\n') = 9016384")
	run(t, node, "touch", "/dev/longhorn/volume")
	down()
	if backing, err := os.ReadFile("/sys/block/" + device + "/loop/backing_file"); err == nil {
		t.Errorf("the loop device %s is still attached to %s", device, backing)
	}
	if after := programsOfThisMachine(t); !slices.Equal(before, after) {
		t.Errorf("this machine had %v, and has now %v", before, after)
	}
	if left, _ := filepath.Glob("/dev/longhorn/*"); len(left) > 0 {
		t.Errorf("this machine has %v", left)
	}
}

// TestTheInitiatorOfANodeOfKindAnswers starts it in the node image that is built here, which has what it runs.
func TestTheInitiatorOfANodeOfKindAnswers(t *testing.T) {
	clustertest.Skip(t)
	clusters := kind.Clusters{NodeImage: kind.LocalImage}
	if err := clusters.Check(t.Context(), "none", false); errors.Is(err, kind.ErrNoEngine) {
		t.Skip(err)
	}
	bare, _ := clusters.Needs()
	node, _, _ := up(t, clusters, bare)
	program := built(t)
	for range 2 { // it may be called again
		if err := initiator.Start(t.Context(), []cluster.Node{node}, program); err != nil {
			t.Fatal(err)
		}
	}
	pid := run(t, node, "pgrep", "--exact", "iscsid")
	_, err := node.Run(t.Context(), "nsenter", "--mount=/proc/"+pid+"/ns/mnt", "--net=/proc/"+pid+"/ns/net", "iscsiadm", "-m", "discovery", "-t", "sendtargets", "-p", "127.0.0.1")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != noConnection {
		t.Errorf("discovery where no target is: %v, want exit code %d", err, noConnection)
	}
}

// noConnection is the exit code of iscsiadm when no target answers.
const noConnection = 4

// built is the initiator's program.
func built(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "muster-iscsi")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "../../cmd/muster-iscsi")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the initiator: %v: %s", err, out)
	}
	return program
}

// up brings up a cluster of nothing but Kubernetes. It ends with the test at the latest.
func up(t *testing.T, clusters cluster.Provider, needed []string) (cluster.Node, *cluster.Info, func()) {
	t.Helper()
	set, err := components.Ensure(t.Context(), components.Options{Only: needed, Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("i%d", os.Getpid())
	info, err := clusters.Up(t.Context(), cluster.Request{Name: name, Set: set, Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	isDown := false
	down := func() {
		if isDown {
			return
		}
		isDown = true
		if err := clusters.Down(context.WithoutCancel(t.Context()), name); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(down)
	nodes, err := clusters.Nodes(t.Context(), name, set)
	if err != nil || len(nodes) != 1 {
		t.Fatalf("the cluster has the nodes %v, %v; want one", nodes, err)
	}
	return nodes[0], info, down
}

// serve starts a target in the node, with one disk of 8 MiB.
func serve(t *testing.T, node cluster.Node) {
	t.Helper()
	run(t, node, "truncate", "--size=8M", disk)
	if err := node.Start(t.Context(), "tgtd", "tgtd", "--foreground"); err != nil {
		t.Fatal(err)
	}
	clustertest.AwaitNothing(t, func() []string {
		if _, err := node.Run(t.Context(), "tgtadm", "--lld", "iscsi", "--op", "show", "--mode", "target"); err != nil {
			return []string{err.Error()}
		}
		return nil
	})
	for _, step := range []string{
		"--op new --mode target --tid 1 -T " + iqn,
		"--op new --mode logicalunit --tid 1 --lun 1 -b " + disk,
		"--op bind --mode target --tid 1 -I ALL",
	} {
		run(t, node, append([]string{"tgtadm", "--lld", "iscsi"}, strings.Fields(step)...)...)
	}
}

// attached is the line that names the device of a session.
var attached = regexp.MustCompile(`Attached scsi disk (\S+)\s+State: running`)

// login does what Longhorn's engine does to attach a volume, and returns the device.
func login(t *testing.T, node cluster.Node) string {
	t.Helper()
	found := asLonghorn(t, node, "iscsiadm", "-m", "discovery", "-t", "sendtargets", "-p", "127.0.0.1")
	if !strings.Contains(found, "127.0.0.1:3260,1 "+iqn) {
		t.Fatalf("discovery finds %q, want %s", found, iqn)
	}
	asLonghorn(t, node, "iscsiadm", "-m", "node", "-T", iqn, "-p", "127.0.0.1", "--login")
	sessions := asLonghorn(t, node, "iscsiadm", "-m", "session", "-P", "3")
	device := attached.FindStringSubmatch(sessions)
	if device == nil {
		t.Fatalf("no disk is attached:\n%s", sessions)
	}
	return device[1]
}

// asLonghorn runs a command in the namespaces of the process iscsid, where Longhorn looks for iscsiadm.
func asLonghorn(t *testing.T, node cluster.Node, command ...string) string {
	t.Helper()
	pid := run(t, node, "pgrep", "--exact", "iscsid")
	return run(t, node, append([]string{"nsenter", "--mount=/proc/" + pid + "/ns/mnt", "--net=/proc/" + pid + "/ns/net"}, command...)...)
}

func run(t *testing.T, node cluster.Node, command ...string) string {
	t.Helper()
	out, err := node.Run(t.Context(), command...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// programsOfThisMachine lists the directory over which the node has its own programs.
func programsOfThisMachine(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/usr/local/sbin")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
