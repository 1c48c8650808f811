package admin

import (
	"context"
	"encoding/json"
	"net"

	"github.com/muster-csi/muster/internal/iscsi/failure"
)

// Ask sends one request and returns the answer, which may be there beside the
// error that the daemon answered. How long that takes is the daemon's matter.
func Ask(ctx context.Context, directory string, request Request) (Response, error) {
	var response Response
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", Socket(directory))
	if err != nil {
		return response, failure.New(failure.NoDaemon, "the daemon cannot be reached, start it with muster-iscsi daemon: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := json.NewEncoder(conn).Encode(request); err != nil {
		return response, failure.New(failure.NoDaemon, "the daemon did not take the request: %w", err)
	}
	if err := json.NewDecoder(conn).Decode(&response); err != nil {
		return response, failure.New(failure.NoDaemon, "the daemon did not answer, see its log: %w", err)
	}
	if response.Code != 0 {
		return response, failure.New(response.Code, "%s", response.Message)
	}
	return response, nil
}
