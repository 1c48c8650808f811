// Package initiator gives the nodes of a cluster on this machine an iSCSI initiator, which
// Longhorn attaches its volumes with: muster-iscsi, in user space. That of the kernel works
// in the first network namespace only, and nodes of such clusters have one of their own
// (docs/iscsi.md).
package initiator

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/timeouts"
)

// Name is what a report calls it.
const Name = "muster-iscsi, in user space"

const (
	daemon = "iscsid"   // Longhorn finds the node's namespaces by a process of this name
	client = "iscsiadm" // and runs this in them

	// noSessions is the exit code of iscsiadm when its daemon answers and holds no session.
	noSessions = 21

	lookEvery = 100 * time.Millisecond
)

// Start puts the program onto every node and returns when each one's daemon answers. It may be called again.
func Start(ctx context.Context, nodes []cluster.Node, program string) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, node := range nodes {
		group.Go(func() error {
			if err := start(ctx, node, program); err != nil {
				return fmt.Errorf("start the iSCSI initiator of node %s: %w", node.Name(), err)
			}
			return nil
		})
	}
	return group.Wait()
}

func start(ctx context.Context, node cluster.Node, program string) error {
	if err := needs(ctx, node); err != nil {
		return err
	}
	if err := ownDevices(ctx, node); err != nil {
		return err
	}
	if err := node.Put(ctx, program, daemon, client); err != nil {
		return err
	}
	if answers(ctx, node) == nil {
		return nil
	}
	if err := node.Start(ctx, daemon, daemon, "--sys-block"); err != nil {
		return err
	}
	budget := timeouts.InitiatorReady
	last := errors.New("it was not asked yet")
	err := wait.PollUntilContextTimeout(ctx, lookEvery, budget.Limit, true, func(ctx context.Context) (bool, error) {
		last = answers(ctx, node)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waited %s (timeouts.%s) for its daemon to answer: %w; its log is %s.log among those of the node", budget.Limit, budget.Name, errors.Join(last, ctx.Err()), daemon)
	}
	return nil
}

// answers returns nil when the daemon of the node answers.
func answers(ctx context.Context, node cluster.Node) error {
	_, err := node.Run(ctx, client, "-m", "session")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == noSessions {
		return nil
	}
	return err
}

// programs are what muster-iscsi runs, by the Debian package that has each.
var programs = map[string]string{"qemu-storage-daemon": "qemu-system-common", "iscsi-ls": "libiscsi-bin"}

// module is the part of qemu that speaks iSCSI, in a package of its own.
const module, modulePackage = "block-iscsi.so", "qemu-block-extra"

// needs says what the node lacks, all of it at once.
func needs(ctx context.Context, node cluster.Node) error {
	var lacks []string
	for program, pkg := range programs {
		if _, err := node.Run(ctx, "which", program); err != nil {
			lacks = append(lacks, pkg)
		}
	}
	if found, err := node.Run(ctx, "find", "/usr/lib", "-name", module, "-path", "*qemu*"); err != nil || found == "" {
		lacks = append(lacks, modulePackage)
	}
	for _, device := range []string{"/dev/fuse", "/dev/loop-control"} {
		if _, err := node.Run(ctx, "test", "-e", device); err != nil {
			lacks = append(lacks, device)
		}
	}
	if len(lacks) > 0 {
		return fmt.Errorf("the node lacks %s: an embedded cluster has the programs of this machine, where scripts/setup.sh --iscsi installs them; of kind's images the one of NODE_IMAGE=local has them", strings.Join(lacks, ", "))
	}
	return nil
}

// ownDevices gives the node a /dev/longhorn of its own: an embedded one shares /dev with this
// machine, where what Longhorn puts there would stay, and two clusters would meet.
func ownDevices(ctx context.Context, node cluster.Node) error {
	const script = `mkdir -p /dev/longhorn && { mountpoint -q /dev/longhorn || mount -t tmpfs -o mode=755,size=1m longhorn-devices /dev/longhorn; }`
	_, err := node.Run(ctx, "sh", "-c", script)
	return err
}
