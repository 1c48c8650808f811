package imageserver

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestServerIsAskedFromElsewhere(t *testing.T) {
	r := newRig(t)
	remote := Remote{Address: strings.TrimPrefix(r.url, "http://")}
	if err := remote.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, virtual := range map[string]int64{
		small: 1000001, Zero: 0, Raw(2, 3): 2 << 20, RawQCOW2(2, 3): 2 << 20, Odd(1): 5<<20 + 1536, OddQCOW2(1): 5<<20 + 1536, Backing: 1 << 20, DataFile: 1 << 20,
	} {
		file := want(t, name)
		whole := sha512.Sum512(file)
		wanted := Sums{Size: int64(len(file)), VirtualSize: virtual, SHA512: hex.EncodeToString(whole[:])}
		if name != Backing && name != DataFile {
			content := sha256.Sum256(want(t, strings.Replace(name, ".qcow2", ".img", 1)))
			wanted.SHA256Content = hex.EncodeToString(content[:])
		}
		for range 2 {
			if sums, err := remote.Sums(t.Context(), name); err != nil || sums != wanted {
				t.Errorf("sums of %s = %+v, %v; want %+v", name, sums, err, wanted)
			}
		}
	}
	if _, err := remote.Sums(t.Context(), "odd.img"); err == nil || !strings.Contains(err.Error(), "ask for one of raw-") {
		t.Errorf("sums of an unknown image = %v", err)
	}
	r.whole(t, "/good/"+small, want(t, small))
	if stats, err := remote.Stats(t.Context()); err != nil || stats.Of(Good, small).Requests != 1 {
		t.Errorf("stats = %v, %v", stats, err)
	}
}

func TestServerThatDoesNotRunIsTold(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := (Remote{Address: listener.Addr().String()}).Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "is it running") {
		t.Errorf("Ready = %v", err)
	}
}

func TestServerEndsWithItsContext(t *testing.T) {
	for path, atMost := range map[string]int{"/hang/" + small: 500000, "/slow/" + small + "?kbps=20": 900000} {
		server, err := New(t.TempDir(), log.New(io.Discard, "", 0))
		if err != nil {
			t.Fatal(err)
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(ctx, listener) }()
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		answer, err := (&http.Client{Transport: transport, Timeout: limit}).Get("http://" + listener.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		began := time.Now()
		end()
		if err := <-ended; err != nil || time.Since(began) >= ending {
			t.Errorf("%s: Serve = %v after %s", path, err, time.Since(began))
		}
		if body, err := io.ReadAll(answer.Body); !errors.Is(err, io.ErrUnexpectedEOF) || len(body) > atMost {
			t.Errorf("%s got %d bytes, %v", path, len(body), err)
		}
		if err := (Remote{Address: listener.Addr().String()}).Ready(t.Context()); err == nil {
			t.Error("it still answers")
		}
	}
}

func TestUnfinishedImagesLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	s, err := newStore(filepath.Join(dir, "images"))
	if err != nil {
		t.Fatal(err)
	}
	i, err := parse(RawQCOW2(2, 1))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, open := range []func(context.Context, image) (*os.File, error){s.open, s.openGzip} {
		if _, err := open(ctx, i); !errors.Is(err, context.Canceled) {
			t.Errorf("open = %v, want it cancelled", err)
		}
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if _, err := newStore(filepath.Join(dir, "images", "x\x00")); err == nil || !strings.Contains(err.Error(), "give a directory") {
		t.Errorf("a directory that cannot be = %v", err)
	}
}

func TestImagesAreMadeOnceAndKept(t *testing.T) {
	r := newRig(t)
	file := want(t, RawQCOW2(3, 1))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { r.whole(t, "/good/"+RawQCOW2(3, 1), file) })
	}
	all.Wait()
	kept, err := os.ReadDir(r.store.dir)
	if err != nil || len(kept) != 1 || kept[0].Name() != RawQCOW2(3, 1) {
		t.Fatalf("kept: %v, %v", kept, err)
	}
	// Another server uses what is there, whatever it is.
	if err := os.WriteFile(filepath.Join(r.store.dir, Zero), []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.whole(t, "/good/"+Zero, []byte("kept"))
}
