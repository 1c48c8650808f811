package main

import (
	"bufio"
	"context"
	"net"
	"path/filepath"
	"testing"
)

// TestSocketProxyReachesASocketThatIsMadeAnew plays a driver that ends and starts again.
func TestSocketProxyReachesASocketThatIsMadeAnew(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "csi.sock")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- passOn(ctx, listener, socket) }()

	if answer, err := ask(t, listener.Addr().String()); err == nil {
		t.Errorf("without a socket the answer is %q, want a closed connection", answer)
	}
	for _, name := range []string{"first\n", "second\n"} {
		server, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		go answerWith(server, name)
		if answer, err := ask(t, listener.Addr().String()); err != nil || answer != name {
			t.Errorf("got %q, %v, want %q", answer, err, name)
		}
		if _, err := run(t, "socket-proxy", "ready", listener.Addr().String()+"="+socket); err != nil {
			t.Errorf("a proxy that serves is not ready: %v", err)
		}
		server.Close()
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the end of the proxy: %v", err)
	}
	if _, err := run(t, "socket-proxy", "ready", listener.Addr().String()+"="+socket); err == nil {
		t.Error("a proxy that has ended is ready")
	}
	if _, err := run(t, "socket-proxy", "127.0.0.1:0"); err == nil {
		t.Error("an address without a socket was accepted")
	}
}

// answerWith answers every line of every caller with the text.
func answerWith(server net.Listener, text string) {
	for {
		conn, err := server.Accept()
		if err != nil {
			return
		}
		if _, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
			_, _ = conn.Write([]byte(text))
		}
		conn.Close()
	}
}

// ask sends one line and returns the answer's.
func ask(t *testing.T, address string) (string, error) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("hello\n")); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}
