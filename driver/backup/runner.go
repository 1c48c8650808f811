package backup

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/muster-csi/muster/driver/deviation"
)

// WorkerCommand is the argument with which a program that embeds this package
// calls Main.
const WorkerCommand = "backup-worker"

// ErrMissing is returned when the store does not have what was asked for.
var ErrMissing = errMissing

// ErrStalled is returned when a worker made no progress for too long.
var ErrStalled = errors.New("no progress")

// patience is how many times longer operations that tell no progress may take.
const patience = 10

// grace is how long a worker that was told to end may take for that: it gives back
// its lock, which would else keep others out of the volume for minutes (B-10).
const grace = 10 * time.Second

// Runner carries out operations, each in a worker process of its own.
type Runner struct {
	// Program is run with the argument WorkerCommand; "" means this one.
	Program string
	// Stall is how long a worker may go without progress, 0 means a minute.
	Stall time.Duration
}

// Run carries out one operation and returns when it has ended; progress, if not
// nil, is told the percentage as it changes. When ctx ends, or the operation
// makes no progress for too long, its process is told to end and, ten seconds later,
// killed; what it has begun in the store stays: the same request may be repeated.
// The text of an error holds no secret.
func (r Runner) Run(ctx context.Context, request Request, credentials Credentials, progress func(percent int)) (Result, error) {
	if err := CheckTarget(request.Target); err != nil && !request.has(deviation.TargetURLUnchecked) {
		return Result{}, err
	}
	result, err := r.run(ctx, request, credentials, progress)
	if err != nil {
		return Result{}, clean{credentials.redact(err.Error()), err}
	}
	return result, nil
}

// clean is an error whose text was freed of secrets.
type clean struct {
	text  string
	cause error
}

func (c clean) Error() string { return c.text }
func (c clean) Unwrap() error { return c.cause }

func (r Runner) run(ctx context.Context, request Request, credentials Credentials, progress func(percent int)) (Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	worker, output, err := r.start(ctx, request, credentials)
	if err != nil {
		return Result{}, err
	}
	limit := cmp.Or(r.Stall, stall)
	if request.Operation == Delete || request.Operation == DeleteVolume {
		limit *= patience // they tell no progress
	}
	watchdog := time.AfterFunc(limit, func() {
		cancel(fmt.Errorf("%w for %s: the store does not answer; look at it and at the network between", ErrStalled, limit))
	})
	defer watchdog.Stop()
	last := follow(output, func(event Event) {
		watchdog.Reset(limit)
		if progress != nil && !event.Done {
			progress(event.Progress)
		}
	})
	err = worker.Wait()
	switch {
	case last.Done && last.Missing:
		return Result{}, fmt.Errorf("%s: %w", last.Error, errMissing)
	case last.Done && last.Error == "":
		return last.Result, nil
	case ctx.Err() != nil: // and not what the worker says of being ended
		return Result{}, fmt.Errorf("%s of volume %s at %s: %w", request.Operation, request.Volume, request.Target, context.Cause(ctx))
	case last.Done:
		return Result{}, errors.New(last.Error)
	}
	said := strings.TrimSpace(worker.Stderr.(*tail).String())
	return Result{}, fmt.Errorf("the backup worker ended without an answer (%v); the last it said: %s", err, said)
}

// start starts the worker with the request on its standard input.
func (r Runner) start(ctx context.Context, request Request, credentials Credentials) (*exec.Cmd, io.Reader, error) {
	program := r.Program
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return nil, nil, fmt.Errorf("find the program of the backup worker: %w", err)
		}
	}
	input, err := json.Marshal(request)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the request of the backup worker: %w", err)
	}
	worker := exec.CommandContext(ctx, program, WorkerCommand)
	worker.Env = append(inherited(), credentials.environment()...)
	worker.Stdin = bytes.NewReader(input)
	worker.Stderr = &tail{}
	worker.Cancel = func() error { return worker.Process.Signal(syscall.SIGTERM) }
	worker.WaitDelay = grace
	// A worker must not outlive the driver, also when that is killed.
	worker.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if mounts(request.Target) {
		worker.SysProcAttr.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID
	}
	output, err := worker.StdoutPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("prepare the backup worker: %w", err)
	}
	if err := worker.Start(); err != nil {
		return nil, nil, fmt.Errorf("start the backup worker: %w", err)
	}
	return worker, output, nil
}

// inherited is what a worker gets of this process's environment: nothing that
// could be taken for credentials.
func inherited() []string {
	environment := []string{"GOMEMLIMIT=160MiB"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "AWS_REGION"} {
		if value, found := os.LookupEnv(name); found {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

// follow reads a worker's events until its output ends and returns the last one.
func follow(output io.Reader, each func(Event)) (last Event) {
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadBytes('\n')
		var event Event
		if json.Unmarshal(line, &event) == nil {
			each(event)
			last = event
		}
		if err != nil {
			return last
		}
	}
}
