package shards

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Pack writes the folder dir as a compressed tar.
func Pack(to io.Writer, dir string) error {
	zip := gzip.NewWriter(to)
	archive := tar.NewWriter(zip)
	if err := errors.Join(archive.AddFS(os.DirFS(dir)), archive.Close(), zip.Close()); err != nil {
		return fmt.Errorf("pack the result in %s: %w", dir, err)
	}
	return nil
}

// failedDir has a folder of evidence for each failed spec. Specs of different shards
// have different names, and so all of them fit into one folder.
const failedDir = "failed"

// Unpack writes what Pack has packed to dir/shards/<shard>, and the evidence of failed
// specs to dir/failed. Nothing is written anywhere else, whatever the archive says.
func Unpack(from io.Reader, dir, shard string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the output directory: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the output directory: %w", err)
	}
	defer root.Close()
	zip, err := gzip.NewReader(from)
	if err != nil {
		return fmt.Errorf("the result of shard %s is damaged: %w", shard, err)
	}
	for archive := tar.NewReader(zip); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the result of shard %s is damaged: %w", shard, err)
		}
		if err := unpackOne(root, placeOf(header.Name, shard), header, archive); err != nil {
			return fmt.Errorf("unpack %s of shard %s: %w", header.Name, shard, err)
		}
	}
}

// placeOf says where a file of a shard goes.
func placeOf(name, shard string) string {
	name = path.Clean(name)
	if name == failedDir || strings.HasPrefix(name, failedDir+"/") {
		return filepath.FromSlash(name)
	}
	return filepath.Join(Dir, shard, filepath.FromSlash(name))
}

func unpackOne(root *os.Root, name string, header *tar.Header, content io.Reader) error {
	switch header.Typeflag {
	case tar.TypeDir:
		return root.MkdirAll(name, 0o755)
	case tar.TypeReg:
	default:
		return nil // results are files and folders
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
