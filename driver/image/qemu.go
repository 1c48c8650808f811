package image

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"unicode/utf8"
)

// infoBytes is how much of an answer of qemu-img info is kept; an image with
// thousands of internal snapshots has a long one.
const infoBytes = 4 << 20

// Tool converts images with the program qemu-img. Each call is a process of its
// own with a lower priority and 2 GiB of address space, which is killed with all
// that it has started when ctx ends. What was written by then stays.
//
// The format of a file is always stated and never guessed by the program: what a
// volume contains could look like an image that names files of the node.
type Tool struct {
	// Path is the program, "" means qemu-img in PATH.
	Path string
	// Trusting converts images that need other files too. It is for a planted defect only.
	Trusting bool
}

// Info is what qemu-img says of an image.
type Info struct {
	// VirtualBytes is the size of the disk, ActualBytes what its file takes.
	VirtualBytes, ActualBytes int64
	// Format is the one that was stated.
	Format string
	// BackingFile and DataFile are other files that the image needs, "" for none.
	BackingFile, DataFile string
}

// answer is the part of qemu-img's JSON that is used.
type answer struct {
	VirtualBytes int64  `json:"virtual-size"`
	ActualBytes  int64  `json:"actual-size"`
	Format       string `json:"format"`
	BackingFile  string `json:"backing-filename"`
	Specific     struct {
		Data struct {
			DataFile string `json:"data-file"`
		} `json:"data"`
	} `json:"format-specific"`
}

// ToRaw makes the raw file to of the qcow2 image from; what the image does not
// contain, and zeros of 4 KiB or more, become holes. An image that needs another
// file is Refused, also if Check has not seen it. An existing file is replaced.
// progress, if not nil, is told the percentage as it changes.
func (t Tool) ToRaw(ctx context.Context, from, to string, progress func(percent int)) error {
	info, err := t.Info(ctx, from, QCOW2)
	switch {
	case err != nil:
		return err
	case t.Trusting:
	case info.BackingFile != "":
		return refusedBackingFile()
	case info.DataFile != "":
		return refusedDataFile()
	}
	return t.convert(ctx, from, QCOW2, to, Raw, progress)
}

// ToQCOW2 makes the qcow2 image to, of version 3 and not compressed, of the raw
// file from; holes and zeros take no space in it. An existing file is replaced.
// progress, if not nil, is told the percentage as it changes.
func (t Tool) ToQCOW2(ctx context.Context, from, to string, progress func(percent int)) error {
	return t.convert(ctx, from, Raw, to, QCOW2, progress, "-o", "compat=1.1,lazy_refcounts=off")
}

func (t Tool) convert(ctx context.Context, from string, is Format, to string, becomes Format, progress func(percent int), options ...string) error {
	source, err := sourceName(from, is)
	if err != nil {
		return err
	}
	target, err := targetName(to)
	if err != nil {
		return err
	}
	arguments := []string{"convert", "-p", "-f", string(is), "-O", string(becomes), "-S", "4096"}
	arguments = append(arguments, options...)
	if err := t.run(ctx, &meter{far: percentage{tell: progress}}, append(arguments, source, target)...); err != nil {
		return fmt.Errorf("convert %s from %s to %s: %w", from, is, becomes, err)
	}
	return nil
}

// Info returns what qemu-img says of the file, which it takes for one of that
// format. Other files that the image names are not opened.
func (t Tool) Info(ctx context.Context, path string, format Format) (Info, error) {
	source, err := sourceName(path, format)
	if err != nil {
		return Info{}, err
	}
	output := &head{limit: infoBytes}
	if err := t.run(ctx, output, "info", "--output=json", "-f", string(format), source); err != nil {
		return Info{}, fmt.Errorf("inspect %s as %s: %w", path, format, err)
	}
	var said answer
	if err := json.Unmarshal(output.kept, &said); err != nil {
		return Info{}, fmt.Errorf("inspect %s as %s: qemu-img gave no JSON that fits into %d bytes: %w", path, format, infoBytes, err)
	}
	return Info{
		VirtualBytes: said.VirtualBytes, ActualBytes: said.ActualBytes, Format: said.Format,
		BackingFile: said.BackingFile, DataFile: said.Specific.Data.DataFile,
	}, nil
}

// sourceName names a file for qemu-img in the form that leaves nothing to guess.
// In a plain name a colon can end a protocol, which may be one of the network,
// and with --image-opts commas end options. In JSON a name is a name, the file is
// opened as a file, and a backing file is none: it is not opened even if an
// image got past the checks.
func sourceName(path string, format Format) (string, error) {
	if !utf8.ValidString(path) {
		return "", fmt.Errorf("the path %q is not UTF-8, so qemu-img cannot be told it: use another one", path)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find where %s is: %w", path, err)
	}
	node := map[string]any{"driver": format, "file": map[string]string{"driver": "file", "filename": absolute}}
	if format == QCOW2 {
		node["backing"] = nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(node); err != nil {
		return "", fmt.Errorf("name %s for qemu-img: %w", path, err)
	}
	return "json:" + string(bytes.TrimSpace(text.Bytes())), nil
}

// targetName names a file that qemu-img creates, which needs a plain name: one
// that begins with a slash has no protocol, and without --target-image-opts
// commas mean nothing.
func targetName(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find where %s is: %w", path, err)
	}
	return absolute, nil
}
