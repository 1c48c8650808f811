package components

import (
	"archive/tar"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// fileTree is what a layer holds, by path without a leading slash.
type fileTree map[string]treeFile

// treeFile is one file of a layer: a copy of another, given bytes, or a link.
type treeFile struct {
	mode    int64
	source  string // path of the file to copy, or
	content []byte // its bytes, or
	link    string // where a symbolic link leads
}

// addDir adds the regular files below dir. Those in a directory "bin" can be run.
func (t fileTree) addDir(dir string) error {
	return filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		mode := int64(0o644)
		if path.Base(path.Dir(filepath.ToSlash(rel))) == "bin" {
			mode = 0o755
		}
		t[filepath.ToSlash(rel)] = treeFile{mode: mode, source: file}
		return nil
	})
}

// writeFile writes the tree as a tar, sorted, with the directories that it needs.
func (t fileTree) writeFile(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	w := tar.NewWriter(f)
	if err := t.write(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return f.Close()
}

func (t fileTree) write(w *tar.Writer) error {
	dirs := map[string]bool{}
	for _, name := range t.names() {
		for _, dir := range parents(name) {
			if dirs[dir] {
				continue
			}
			dirs[dir] = true
			if err := (tarEntry{name: dir + "/", mode: 0o755}).write(w); err != nil {
				return err
			}
		}
		if err := t[name].write(w, name); err != nil {
			return err
		}
	}
	return nil
}

// names lists the paths in their order.
func (t fileTree) names() []string {
	names := make([]string, 0, len(t))
	for name := range t {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// parents lists the directories above a path, the outermost first.
func parents(name string) []string {
	var dirs []string
	for i, c := range name {
		if c == '/' {
			dirs = append(dirs, name[:i])
		}
	}
	return dirs
}

func (f treeFile) write(w *tar.Writer, name string) error {
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: f.mode, ModTime: layerTime, Format: tar.FormatPAX}
	if f.link != "" {
		header.Typeflag, header.Linkname, header.Mode = tar.TypeSymlink, f.link, 0o777
		return w.WriteHeader(header)
	}
	if f.source == "" {
		header.Size = int64(len(f.content))
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		_, err := io.Copy(w, strings.NewReader(string(f.content)))
		return err
	}
	source, err := os.Open(f.source)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	header.Size = info.Size()
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(w, source)
	return err
}
