package components

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyer hashes everything a thing is made from into the key of its place in
// the cache. Every part is written with its length, so that no two lists of
// parts run together into the same bytes.
type keyer struct{ h hash.Hash }

// newKeyer returns a keyer that already holds the given parts.
func newKeyer(parts ...string) *keyer {
	k := &keyer{h: sha256.New()}
	k.add(parts...)
	return k
}

// add hashes the parts in order.
func (k *keyer) add(parts ...string) {
	for _, p := range parts {
		fmt.Fprintf(k.h, "%d:%s", len(p), p)
	}
}

// addTree hashes the names and contents of the regular files below dir that
// keep accepts, in lexical order; nil accepts all. Directories whose name
// begins with a dot are left out. A directory that is absent adds nothing.
func (k *keyer) addTree(dir string, keep func(name string) bool) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) && path == dir {
				return nil
			}
			return err
		}
		if entry.IsDir() && path != dir && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if !entry.Type().IsRegular() || (keep != nil && !keep(entry.Name())) {
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return k.addFile(rel, path)
	})
}

// addFile hashes a name and the content of the file at path.
func (k *keyer) addFile(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	content := sha256.New()
	if _, err := io.Copy(content, f); err != nil {
		return fmt.Errorf("hash %s: %w", path, err)
	}
	k.add(name, string(content.Sum(nil)))
	return nil
}

// key returns the first 16 hexadecimal digits of the hash: enough to tell
// apart what one machine ever builds, short enough to read in a path.
func (k *keyer) key() string { return hex.EncodeToString(k.h.Sum(nil))[:16] }
