package runner

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/moby/sys/reexec"
)

// guardName is the name under which this program starts itself again to end
// what a killed run leaves. ps shows it.
const guardName = "muster-guard"

// guardWithin bounds what the guard does after the run's death.
const guardWithin = time.Minute

func init() {
	reexec.Register(guardName, func() {
		signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
		os.Exit(keepWatch(os.Args[1:], os.Stdin))
	})
	reexec.Init() // ends the process when it was started under this name
}

// Guard is a process that outlives this one, also when this one is killed: it
// then ends the specs and takes the cluster down.
type Guard struct {
	pipe *os.File
	done chan struct{}
}

// NewGuard starts the guard of a cluster. Release must be called when the
// cluster is down or is to stay.
func NewGuard(kind ClusterKind, cluster string) (*Guard, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe to the guard: %w", err)
	}
	defer read.Close()
	cmd := &exec.Cmd{
		Path: reexec.Self(), Args: []string{guardName, string(kind), cluster}, Env: os.Environ(), Dir: "/",
		Stdin: read, SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start the guard of cluster %q: %w", cluster, err)
	}
	guard := &Guard{pipe: write, done: make(chan struct{})}
	go func() {
		defer close(guard.done)
		_ = cmd.Wait()
	}()
	return guard, nil
}

// Processes tells the guard the process group of the specs.
func (g *Guard) Processes(group int) { fmt.Fprintf(g.pipe, "group %d\n", group) }

// KeepCluster tells the guard that the cluster is not this run's: it will end the
// specs only.
func (g *Guard) KeepCluster() { fmt.Fprintln(g.pipe, "keep") }

// Release ends the guard; what it guarded stays as it is.
func (g *Guard) Release() {
	fmt.Fprintln(g.pipe, "release")
	g.pipe.Close()
	<-g.done
}

// keepWatch is the guard: it reads what it is told until the other end of the
// pipe is gone, and acts unless it was released before.
func keepWatch(args []string, told io.Reader) int {
	if len(args) != 2 {
		fmt.Fprintln(os.Stderr, "this process is started by muster e2e, not by hand")
		return 2
	}
	group, keep := 0, false
	for lines := bufio.NewScanner(told); lines.Scan(); {
		if lines.Text() == "release" {
			return 0
		}
		keep = keep || lines.Text() == "keep"
		if number, found := strings.CutPrefix(lines.Text(), "group "); found {
			group, _ = strconv.Atoi(number)
		}
	}
	if group > 1 {
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
	if keep {
		return 0
	}
	provider, err := ClusterOptions{Kind: ClusterKind(args[0])}.Provider()
	if err != nil {
		return 2
	}
	// The root context of this process: there is no other.
	ctx, cancel := context.WithTimeout(context.Background(), guardWithin)
	defer cancel()
	if err := provider.Down(ctx, args[1]); err != nil {
		return 1
	}
	return 0
}
