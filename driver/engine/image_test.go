package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// buildRaw completes an image with that content.
func buildRaw(t testing.TB, e *Engine, name string, content []byte) {
	t.Helper()
	_, err := e.BuildImage(t.Context(), name, func(dir string) (ImageFacts, error) {
		return ImageFacts{Format: FormatRaw, SHA512: "sum"}, os.WriteFile(filepath.Join(dir, RawFile), content, 0o600)
	})
	must(t, err)
}

// wantHead compares the beginning of a volume, behind which everything is zero.
func wantHead(t testing.TB, e *Engine, volume string, size int, begins []byte) {
	t.Helper()
	got, err := os.ReadFile(e.headPath(volume))
	must(t, err)
	want := make([]byte, size)
	copy(want, begins)
	if !bytes.Equal(got, want) {
		t.Errorf("volume %s has %d bytes that do not begin with the image's %d and go on with zeros", volume, len(got), len(begins))
	}
}

func TestVolumeBeginsWithItsImage(t *testing.T) {
	e := openCopying(t, t.TempDir())
	content := pattern(1, mib+512*3) // no multiple of a block
	buildRaw(t, e, "i", content)
	info, err := e.Image("i")
	must(t, err)
	if !info.Complete || info.SizeBytes != int64(len(content)) || info.VirtualBytes != info.SizeBytes || info.SHA512 != "sum" {
		t.Errorf("the image is %+v", info)
	}
	must(t, e.CloneImage(t.Context(), "a", 2*mib, "i"))
	wantHead(t, e, "a", 2*mib, content)

	writeHead(t, e, "a", 0, pattern(2, mib))
	must(t, e.CloneImage(t.Context(), "b", 4*mib, "i"))
	wantHead(t, e, "b", 4*mib, content)
	must(t, e.DeleteImage(t.Context(), "i"))
	must(t, e.DeleteImage(t.Context(), "i"))
	wantHead(t, e, "b", 4*mib, content)
	_, err = e.Image("i")
	wantErr(t, err, ErrNotFound)
}

func TestImageTooLargeForAVolumeMakesNone(t *testing.T) {
	e := openCopying(t, t.TempDir())
	buildRaw(t, e, "i", pattern(1, 2*mib))
	wantErr(t, e.CloneImage(t.Context(), "a", mib, "i"), ErrTooSmall)
	wantErr(t, e.CloneImage(t.Context(), "b", mib, "none"), ErrNotFound)
	volumes, err := e.Volumes()
	must(t, err)
	if len(volumes) != 0 {
		t.Errorf("volumes were made: %v", volumes)
	}
}

func TestCutImageHoldsTheMomentOfTheCut(t *testing.T) {
	dir := t.TempDir()
	e := openCopying(t, dir)
	must(t, e.CreateVolume(t.Context(), "v", mib))
	before := pattern(1, mib)
	writeHead(t, e, "v", 0, before)
	cut, err := e.CutImage(t.Context(), "i", "v")
	must(t, err)
	if cut.Complete || cut.CutAt.IsZero() {
		t.Errorf("the cut image is %+v", cut)
	}
	wantErr(t, e.CloneImage(t.Context(), "early", mib, "i"), ErrNotFound)

	writeHead(t, e, "v", 0, pattern(2, mib))
	must(t, e.DeleteVolume(t.Context(), "v"))
	must(t, e.Close())
	e = openCopying(t, dir) // the driver was started anew before the image was complete
	again, err := e.CutImage(t.Context(), "i", "v")
	must(t, err)
	if !again.CutAt.Equal(cut.CutAt) {
		t.Errorf("cut again at %s, it was cut at %s", again.CutAt, cut.CutAt)
	}
	info, err := e.BuildImage(t.Context(), "i", func(string) (ImageFacts, error) { return ImageFacts{Format: FormatRaw}, nil })
	must(t, err)
	if !info.Complete || !info.CutAt.Equal(cut.CutAt) {
		t.Errorf("the complete image is %+v", info)
	}
	must(t, e.CloneImage(t.Context(), "w", mib, "i"))
	wantHead(t, e, "w", mib, before)
	_, err = e.CutImage(t.Context(), "other", "v")
	wantErr(t, err, ErrNotFound)
}

func TestFailedBuildIsContinued(t *testing.T) {
	e := openCopying(t, t.TempDir())
	broken := errors.New("broken off")
	_, err := e.BuildImage(t.Context(), "i", func(dir string) (ImageFacts, error) {
		return ImageFacts{}, errors.Join(os.WriteFile(filepath.Join(dir, "part"), []byte("half"), 0o600), broken)
	})
	wantErr(t, err, broken)
	_, err = e.Image("i")
	wantErr(t, err, ErrNotFound)
	names, err := e.Images()
	must(t, err)
	if len(names) != 1 {
		t.Errorf("images are %v, want the unfinished one", names)
	}
	_, err = e.BuildImage(t.Context(), "i", func(dir string) (ImageFacts, error) {
		return ImageFacts{Format: FormatRaw}, os.Rename(filepath.Join(dir, "part"), filepath.Join(dir, RawFile))
	})
	must(t, err)
	built := false
	_, err = e.BuildImage(t.Context(), "i", func(string) (ImageFacts, error) { built = true; return ImageFacts{}, nil })
	must(t, err)
	if built {
		t.Error("a complete image was built again")
	}
}

func TestCopiedImageIsIndependent(t *testing.T) {
	e := openCopying(t, t.TempDir())
	content := pattern(1, mib)
	buildRaw(t, e, "i", content)
	copying := func(from string) error {
		_, err := e.BuildImage(t.Context(), "copy", func(dir string) (ImageFacts, error) { return e.CopyImage(context.Background(), from, dir) })
		return err
	}
	wantErr(t, copying("none"), ErrNotFound)
	must(t, copying("i"))
	must(t, e.DeleteImage(t.Context(), "i"))
	must(t, e.CloneImage(t.Context(), "a", mib, "copy"))
	wantHead(t, e, "a", mib, content)
}

// BenchmarkCloneImage makes volumes of 10 GiB from an image of virtually 10 GiB with 64 MiB of data.
func BenchmarkCloneImage(b *testing.B) {
	e := openPooled(b, b.TempDir())
	_, err := e.BuildImage(b.Context(), "i", func(dir string) (ImageFacts, error) {
		path := filepath.Join(dir, RawFile)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return ImageFacts{}, err
		}
		for i := range 64 { // spread out, so that it has many extents
			writeTo(b, path, int64(i)*160*mib, pattern(uint64(i), mib))
		}
		return ImageFacts{Format: FormatRaw}, os.Truncate(path, 10<<30)
	})
	must(b, err)
	n := 0
	for b.Loop() {
		n++
		must(b, e.CloneImage(b.Context(), fmt.Sprint("v", n), 10<<30, "i"))
	}
}
