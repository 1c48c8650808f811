package image

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// needQEMU skips a test where there is no qemu-img.
func needQEMU(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath(toolProgram); err != nil {
		t.Skip("the program qemu-img is not here, the package qemu-utils has it")
	}
}

// qemuImg runs qemu-img as somebody does who makes images.
func qemuImg(t *testing.T, arguments ...string) {
	t.Helper()
	if output, err := exec.CommandContext(t.Context(), toolProgram, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("qemu-img %v: %v, %s", arguments, err, output)
	}
}

func checkFile(t *testing.T, path string) (Shape, error) {
	t.Helper()
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	info, err := file.Stat()
	must(t, err)
	return Check(file, info.Size())
}

func allocated(t *testing.T, path string) int64 {
	t.Helper()
	var status unix.Stat_t
	must(t, unix.Stat(path, &status))
	return status.Blocks * 512
}

func TestConversionThereAndBack(t *testing.T) {
	needQEMU(t)
	const size = 64 * mib
	dir := filepath.Join(t.TempDir(), `nbd:a,b=c;"d" é`)
	must(t, os.Mkdir(dir, 0o700))
	from := sparseFile(t, size, run{mib, pattern(1, mib)}, run{size - 512, pattern(2, 512)})
	raw, packed, back := filepath.Join(dir, "json:raw,img"), filepath.Join(dir, "a:b.qcow2"), filepath.Join(dir, "back,fmt=raw")
	must(t, os.Rename(from, raw))
	var told []int
	must(t, Tool{}.ToQCOW2(t.Context(), raw, packed, nil))
	must(t, Tool{}.ToRaw(t.Context(), packed, back, func(percent int) { told = append(told, percent) }))

	if shape, err := checkFile(t, packed); err != nil || shape != (Shape{QCOW2, size}) {
		t.Errorf("the qcow2 image is %v, %v", shape, err)
	}
	info, err := Tool{}.Info(t.Context(), packed, QCOW2)
	if err != nil || info.VirtualBytes != size || info.ActualBytes <= 0 || info.ActualBytes > size/4 || info.Format != "qcow2" || info.BackingFile+info.DataFile != "" {
		t.Errorf("qemu-img says %+v, %v", info, err)
	}
	want, err := os.ReadFile(raw)
	must(t, err)
	got, err := os.ReadFile(back)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the content is not that of before, %v", err)
	}
	if n := allocated(t, back); n > size/4 {
		t.Errorf("the raw file takes %d bytes, its data are a MiB", n)
	}
	if !slices.IsSorted(told) || len(told) == 0 || told[len(told)-1] != 100 {
		t.Errorf("progress was %v", told)
	}
}

func TestARawFileIsNeverTakenForAnImage(t *testing.T) {
	needQEMU(t)
	dir := t.TempDir()
	disguised, packed, back := filepath.Join(dir, "volume"), filepath.Join(dir, "packed"), filepath.Join(dir, "back")
	qemuImg(t, "create", "-q", "-f", "qcow2", "-b", secret(t), "-F", "raw", disguised)
	must(t, os.Truncate(disguised, mib))
	want, err := os.ReadFile(disguised)
	must(t, err)
	must(t, Tool{}.ToQCOW2(t.Context(), disguised, packed, nil))
	must(t, Tool{}.ToRaw(t.Context(), packed, back, nil))
	if got, err := os.ReadFile(back); err != nil || !bytes.Equal(got, want) {
		t.Errorf("what looked like an image came back changed, %v", err)
	}
	info, err := Tool{}.Info(t.Context(), disguised, Raw)
	if err != nil || info.VirtualBytes != mib || info.BackingFile != "" {
		t.Errorf("qemu-img says %+v, %v", info, err)
	}
}

// secret is a file that must not get into an image.
func secret(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(path, bytes.Repeat([]byte("secret! "), 8*kib), 0o600))
	return path
}

func TestCheckAgreesWithQEMU(t *testing.T) {
	needQEMU(t)
	for name, options := range map[string]string{
		"default": "compat=1.1", "version 2": "compat=0.10", "lazy": "lazy_refcounts=on", "wide refcounts": "refcount_bits=64",
		"narrow refcounts": "refcount_bits=1", "small clusters": "cluster_size=512", "large clusters": "cluster_size=2M",
		"zstd": "compression_type=zstd", "extended L2": "extended_l2=on", "allocated": "preallocation=metadata",
	} {
		path := filepath.Join(t.TempDir(), "image")
		qemuImg(t, "create", "-q", "-f", "qcow2", "-o", options, path, "1G")
		if shape, err := checkFile(t, path); err != nil || shape != (Shape{QCOW2, 1 << 30}) {
			t.Errorf("%s: %v, %v", name, shape, err)
		}
		qemuImg(t, "snapshot", "-c", "snapshot", path)
		if shape, err := checkFile(t, path); err != nil || shape != (Shape{QCOW2, 1 << 30}) {
			t.Errorf("%s with a snapshot: %v, %v", name, shape, err)
		}
	}
}

func TestImagesThatNameOtherFilesAreRefused(t *testing.T) {
	needQEMU(t)
	dir := t.TempDir()
	path, raw := filepath.Join(dir, "image"), filepath.Join(dir, "raw")
	for fragment, options := range map[string][]string{
		"backing file":         {"-b", secret(t), "-F", "raw", path},
		"data in another file": {"-o", "data_file=" + filepath.Join(dir, "data"), path, "1M"},
	} {
		qemuImg(t, append([]string{"create", "-q", "-f", "qcow2"}, options...)...)
		_, err := checkFile(t, path)
		wantRefused(t, err, fragment)
		wantRefused(t, Tool{}.ToRaw(t.Context(), path, raw, nil), fragment)
		if _, err := os.Stat(raw); err == nil {
			t.Errorf("%s: a raw file was made", fragment)
		}
	}
}

// The name that qemu-img is given holds back a backing file by itself.
func TestABackingFileIsNotReadEvenUnchecked(t *testing.T) {
	needQEMU(t)
	dir := t.TempDir()
	path, raw := filepath.Join(dir, "image"), filepath.Join(dir, "raw")
	qemuImg(t, "create", "-q", "-f", "qcow2", "-b", secret(t), "-F", "raw", path)
	must(t, Tool{}.convert(t.Context(), path, QCOW2, raw, Raw, nil))
	content, err := os.ReadFile(raw)
	if err != nil || bytes.Contains(content, []byte("secret")) {
		t.Errorf("the raw file has what the backing file contains, %v", err)
	}
}
