package runner

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/report"
	"github.com/muster-csi/muster/framework/target"
	"github.com/muster-csi/muster/framework/yardstick"
)

// yardsticksDir is the folder with the output of yardsticks in a run's output directory.
const yardsticksDir = "yardsticks"

// yardstickComponents are the optional components that the chosen yardsticks need.
func yardstickComponents(chosen []yardstick.Definition) []string {
	var names []string
	for _, definition := range chosen {
		names = append(names, definition.Components...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// measure runs the chosen yardsticks one after the other, after the specs and when
// the report on them is safe, and adds a row for each to the report.
func (e *e2e) measure(ctx context.Context, statement *report.Report) error {
	if len(e.yardsticks) == 0 || e.stopped {
		return nil
	}
	cluster, err := harness.Connect(e.run().Config)
	if err != nil {
		return err
	}
	setting := yardstick.Setting{
		Cluster: cluster, Dir: e.dir, Processes: e.Processes,
		Binary:   e.set.Binary,
		Version:  func(component string) string { return e.set.Versions()[component] },
		Withheld: withheld,
		Execute:  e.execute,
	}
	e.terminal.Blank()
	e.terminal.Note("yardsticks, test suites of others:")
	for _, definition := range e.yardsticks {
		if ctx.Err() != nil {
			break
		}
		row, err := e.apply(ctx, definition, setting)
		if err != nil {
			return err
		}
		e.terminal.Yardstick(row)
		statement.Yardsticks = append(statement.Yardsticks, row)
		if err := publish(statement, e.dir); err != nil {
			return err
		}
	}
	return nil
}

// apply runs one yardstick. That the driver crashed meanwhile is trouble of its.
func (e *e2e) apply(ctx context.Context, definition yardstick.Definition, setting yardstick.Setting) (report.Yardstick, error) {
	core, err := e.session.Core()
	if err != nil {
		return report.Yardstick{}, err
	}
	before, err := containerEnds(ctx, core, target.Namespace)
	if err != nil {
		return report.Yardstick{}, err
	}
	row := yardstick.Run(ctx, definition, setting)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	crashed, err := restartsSince(ctx, core, target.Namespace, before, nil)
	if err != nil {
		return row, err
	}
	for _, restart := range crashed {
		row.Trouble = append(row.Trouble, fmt.Sprintf("container %s of pod %s crashed meanwhile (%s, exit code %d)",
			restart.Container, restart.Pod, restart.Reason, restart.ExitCode))
	}
	if len(crashed) > 0 && row.Result == report.YardstickPassed {
		row.Result = report.YardstickFailed
	}
	return row, nil
}

// execute runs a yardstick's program as the specs are run: it is interrupted with
// this run, and ended if this process dies.
func (e *e2e) execute(ctx context.Context, cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := execute(ctx, cmd, Run{Kill: e.Kill, Started: e.session.guard.Processes})
	if errors.Is(err, ErrInterrupted) {
		return nil // the caller knows that ctx has ended
	}
	return err
}
