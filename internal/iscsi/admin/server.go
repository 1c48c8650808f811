package admin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/muster-csi/muster/internal/iscsi/failure"
)

const (
	// requestBytes is more than any request needs.
	requestBytes = 64 << 10
	// requestLimit is how long a client may take to say what it wants, and to take the answer.
	requestLimit = 10 * time.Second
)

// Handler answers requests; it is called for several at the same time.
type Handler interface {
	Handle(ctx context.Context, request Request) (Response, error)
}

// Listen makes the socket, which only its owner may use, in the place of one that was left.
// The caller makes sure that no other daemon uses the directory.
func Listen(directory string) (net.Listener, error) {
	path := Socket(directory)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the socket of an earlier daemon: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on %s (a path of 108 characters or more is too long for a socket): %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		listener.Close()
		return nil, fmt.Errorf("restrict the socket: %w", err)
	}
	return listener, nil
}

// Serve answers requests until ctx ends, and then waits for those under way.
func Serve(ctx context.Context, listener net.Listener, handler Handler) error {
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	var underWay sync.WaitGroup
	defer underWay.Wait()
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept on the socket: %w", err)
		}
		underWay.Go(func() { answer(ctx, conn, handler) })
	}
}

func answer(ctx context.Context, conn net.Conn, handler Handler) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(requestLimit))
	request, err := read(conn)
	var response Response
	if err == nil {
		response, err = handler.Handle(ctx, request)
		slog.Info("asked", "operation", request.Operation, "target", request.Target, "portal", request.Portal, "code", failure.CodeOf(err), "error", err)
	}
	if err != nil {
		response.Code, response.Message = failure.CodeOf(err), err.Error()
	}
	conn.SetDeadline(time.Now().Add(requestLimit))
	if err := json.NewEncoder(conn).Encode(response); err != nil {
		slog.Warn("the answer was not taken", "operation", request.Operation, "error", err)
	}
}

func read(conn io.Reader) (Request, error) {
	var request Request
	line, err := bufio.NewReader(io.LimitReader(conn, requestBytes)).ReadBytes('\n')
	if err != nil {
		return request, failure.New(failure.Invalid, "the request is no line: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return request, failure.New(failure.Invalid, "the request cannot be read (are iscsiadm and the daemon of one version?): %w", err)
	}
	return request, nil
}
