package components

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// layerTime is the modification time of everything muster puts into an image,
// so that equal content gives equal images.
var layerTime = time.Unix(0, 0).UTC()

// layer is an uncompressed image layer read from where its content lies each
// time it is needed. Compressing would cost seconds here and again at import,
// and the tar never leaves the machine.
type layer struct {
	open func() (io.ReadCloser, error)
	hash v1.Hash
	size int64
}

// newLayer returns the layer that open reads; it reads it once for its digest.
func newLayer(open func() (io.ReadCloser, error)) (*layer, error) {
	r, err := open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	h := sha256.New()
	size, err := io.Copy(h, r)
	if err != nil {
		return nil, err
	}
	digest := v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(h.Sum(nil))}
	return &layer{open: open, hash: digest, size: size}, nil
}

// Digest implements v1.Layer.
func (l *layer) Digest() (v1.Hash, error) { return l.hash, nil }

// DiffID implements v1.Layer; without compression it is the digest.
func (l *layer) DiffID() (v1.Hash, error) { return l.hash, nil }

// Compressed implements v1.Layer.
func (l *layer) Compressed() (io.ReadCloser, error) { return l.open() }

// Uncompressed implements v1.Layer.
func (l *layer) Uncompressed() (io.ReadCloser, error) { return l.open() }

// Size implements v1.Layer; it is in bytes.
func (l *layer) Size() (int64, error) { return l.size, nil }

// MediaType implements v1.Layer.
func (l *layer) MediaType() (types.MediaType, error) { return types.DockerUncompressedLayer, nil }

// tarFileLayer returns the layer whose tar is the file at path.
func tarFileLayer(path string) (*layer, error) {
	return newLayer(func() (io.ReadCloser, error) { return os.Open(path) })
}

// binaryLayer returns a layer with the program at path as
// /usr/local/bin/<name>. With skeleton the layer also has what programs expect
// of any Linux root: a writable /tmp, user 0, and names looked up in files
// before DNS.
func binaryLayer(path, name string, skeleton bool) (*layer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	head, err := layerHead(name, info.Size(), skeleton)
	if err != nil {
		return nil, fmt.Errorf("lay out the layer of %s: %w", name, err)
	}
	// A tar is padded to blocks of 512 bytes and ends with two empty ones.
	trailer := make([]byte, (512-info.Size()%512)%512+1024)
	return newLayer(func() (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		content := io.MultiReader(bytes.NewReader(head), f, bytes.NewReader(trailer))
		return struct {
			io.Reader
			io.Closer
		}{content, f}, nil
	})
}

// layerHead returns the tar up to where the binary's bytes begin.
func layerHead(name string, size int64, skeleton bool) ([]byte, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	var entries []tarEntry
	if skeleton {
		entries = skeletonEntries
	}
	for _, dir := range []string{"usr/", "usr/local/", "usr/local/bin/"} {
		entries = append(entries[:len(entries):len(entries)], tarEntry{name: dir, mode: 0o755})
	}
	for _, e := range entries {
		if err := e.write(w); err != nil {
			return nil, err
		}
	}
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: "usr/local/bin/" + name, Mode: 0o755,
		Size: size, ModTime: layerTime, Format: tar.FormatPAX,
	}
	if err := w.WriteHeader(header); err != nil {
		return nil, err
	}
	// The writer is dropped, not closed: the binary and the padding follow.
	return buf.Bytes(), nil
}

// tarEntry is a directory (its name ends in a slash) or a small file.
type tarEntry struct {
	name    string
	mode    int64
	content string
}

// skeletonEntries is the root of an image that has no distribution below it.
var skeletonEntries = []tarEntry{
	{name: "etc/", mode: 0o755},
	{name: "etc/passwd", mode: 0o644, content: "root:x:0:0:root:/:/sbin/nologin\n"},
	{name: "etc/group", mode: 0o644, content: "root:x:0:\n"},
	{name: "etc/nsswitch.conf", mode: 0o644, content: "hosts: files dns\n"},
	{name: "tmp/", mode: 0o1777},
}

// write adds the entry to w.
func (e tarEntry) write(w *tar.Writer) error {
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: e.name, Mode: e.mode,
		Size: int64(len(e.content)), ModTime: layerTime, Format: tar.FormatPAX,
	}
	if e.name[len(e.name)-1] == '/' {
		header.Typeflag = tar.TypeDir
	}
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	_, err := io.WriteString(w, e.content)
	return err
}
