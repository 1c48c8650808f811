package conn

import (
	"net"
	"os"
	"testing"
)

func established(t *testing.T) bool {
	t.Helper()
	found, err := Established(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEstablishedFollowsTheConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if established(t) {
		t.Fatal("a listening socket counts as connection")
	}
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if !established(t) {
		t.Error("an open connection is not found")
	}
	client.Close()
	server.Close()
	if established(t) {
		t.Error("a closed connection is still found")
	}
}
