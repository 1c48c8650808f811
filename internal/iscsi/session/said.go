package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"

	"github.com/muster-csi/muster/internal/iscsi/failure"
)

func (e *export) loginError(ctx context.Context, options Options, err error) error {
	text := e.said.String()
	switch {
	case ctx.Err() != nil:
		return failure.New(failure.TransportTimeout, "the target %s at %s did not answer the login in time", options.Record.Target, options.Record.Portal)
	case strings.Contains(text, "Unknown driver") || strings.Contains(text, "Unknown protocol"):
		return failure.New(failure.Generic, "qemu lacks its iSCSI initiator: install the package qemu-block-extra (%s)", text)
	case text == "":
		text = err.Error()
	}
	return failure.New(failure.Login, "the login to %s at %s failed: %s", options.Record.Target, options.Record.Portal, text)
}

func startError(err error) error {
	if errors.Is(err, exec.ErrNotFound) {
		return failure.New(failure.Generic, "the program %s is missing: install the packages qemu-system-common and qemu-block-extra", program)
	}
	return fmt.Errorf("start %s: %w", program, err)
}

// said keeps the end of what a process wrote.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const saidBytes = 2 << 10

func (s *said) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(text)
	s.text.Next(max(0, s.text.Len()-saidBytes))
	return len(text), nil
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.TrimSpace(s.text.String())
}
