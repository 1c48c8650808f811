package admin

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/muster-csi/muster/internal/iscsi/failure"
	"github.com/muster-csi/muster/internal/iscsi/portal"
)

// echo answers with what it was asked.
type echo struct{}

func (echo) Handle(_ context.Context, request Request) (Response, error) {
	response := Response{Sessions: []Session{{ID: request.Portal.Port, Device: request.Target}}}
	if request.Operation != Login {
		return response, failure.New(failure.NotFound, "no %s", request.Operation)
	}
	return response, nil
}

func serve(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	listener, err := Listen(directory)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, listener, echo{}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return directory
}

func TestAnswerAndErrorReachTheClient(t *testing.T) {
	directory := serve(t)
	request := Request{Operation: Login, Target: "iqn.a", Portal: &portal.Portal{Host: "h", Port: 7}}
	response, err := Ask(t.Context(), directory, request)
	if err != nil || len(response.Sessions) != 1 || response.Sessions[0].ID != 7 || response.Sessions[0].Device != "iqn.a" {
		t.Errorf("answer is %+v, %v", response, err)
	}
	request.Operation = Logout
	response, err = Ask(t.Context(), directory, request)
	if failure.CodeOf(err) != failure.NotFound || err.Error() != "no logout" || len(response.Sessions) != 1 {
		t.Errorf("answer is %+v, %v", response, err)
	}
}

func TestRequestsThatMeanNothingAreRefused(t *testing.T) {
	directory := serve(t)
	for _, line := range []string{"hello\n", `{"operation":"login","colour":"red"}` + "\n", strings.Repeat(" ", requestBytes+1)} {
		conn, err := net.Dial("unix", Socket(directory))
		if err != nil {
			t.Fatal(err)
		}
		// The server may hang up before it has read all of a long line.
		_, _ = conn.Write([]byte(line))
		answer := make([]byte, 4096)
		n, _ := conn.Read(answer)
		if text := string(answer[:n]); n > 0 && !strings.Contains(text, `"code":7`) {
			t.Errorf("%.40q is answered by %s", line, text)
		}
		conn.Close()
	}
}

func TestWithoutDaemonTheCodeIsTheOneOfIscsiadm(t *testing.T) {
	_, err := Ask(t.Context(), t.TempDir(), Request{Operation: Sessions})
	if failure.CodeOf(err) != failure.NoDaemon || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

func TestSocketOfADeadDaemonIsReplaced(t *testing.T) {
	directory := t.TempDir()
	if err := os.WriteFile(Socket(directory), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := Listen(directory)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if info, err := os.Stat(Socket(directory)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket is %v, %v", info, err)
	}
}
