package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// monitor speaks QMP, the protocol of qemu's processes, over one end of a pair of sockets.
type monitor struct {
	mu      sync.Mutex
	conn    net.Conn
	decoder *json.Decoder
}

// newMonitor returns a monitor and the other end of its connection, for the process.
func newMonitor() (*monitor, *os.File, error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(ends[0]), "monitor"), os.NewFile(uintptr(ends[1]), "monitor of the process")
	defer ours.Close()
	conn, err := net.FileConn(ours)
	if err != nil {
		theirs.Close()
		return nil, nil, fmt.Errorf("use a pair of sockets: %w", err)
	}
	return &monitor{conn: conn, decoder: json.NewDecoder(conn)}, theirs, nil
}

// reply is any message of the process: a greeting, an answer or an event.
type reply struct {
	QMP    json.RawMessage `json:"QMP"`
	Return json.RawMessage `json:"return"`
	Event  string          `json:"event"`
	Error  *struct {
		Description string `json:"desc"`
	} `json:"error"`
}

// greet waits until the process has done what its command line says, and then
// begins to talk with it.
func (m *monitor) greet(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stop := m.interruptible(ctx)
	defer stop()
	var greeting reply
	if err := m.decoder.Decode(&greeting); err != nil {
		return fmt.Errorf("no greeting: %w", err)
	}
	if greeting.QMP == nil {
		return errors.New("the first message is no greeting")
	}
	return m.call("qmp_capabilities", nil)
}

// execute runs one command and returns its error, as qemu words it.
func (m *monitor) execute(ctx context.Context, command string, arguments map[string]any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stop := m.interruptible(ctx)
	defer stop()
	return m.call(command, arguments)
}

// interruptible ends reads and writes with ctx. A monitor that was interrupted is of no use any more.
func (m *monitor) interruptible(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { m.conn.Close() })
}

func (m *monitor) call(command string, arguments map[string]any) error {
	request := map[string]any{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	if err := json.NewEncoder(m.conn).Encode(request); err != nil {
		return fmt.Errorf("send %s: %w", command, err)
	}
	for {
		var answer reply
		if err := m.decoder.Decode(&answer); err != nil {
			return fmt.Errorf("no answer to %s: %w", command, err)
		}
		switch {
		case answer.Event != "":
			continue
		case answer.Error != nil:
			return fmt.Errorf("%s: %s", command, answer.Error.Description)
		}
		return nil
	}
}

func (m *monitor) close() { m.conn.Close() }
