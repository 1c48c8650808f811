package audit

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestWhatRunsIsNoViolationWhenItMay(t *testing.T) {
	t.Parallel()
	dir := copyOfGolden(t)
	b := bad{t, dir}
	b.lock("pvc-lz4", time.Minute)
	b.write(folderOf("pvc-lz4").backup("b4"), []byte(`{"Name":"b4","VolumeName":"pvc-lz4","CreatedTime":"","CompressionMethod":"lz4"}`))
	b.write(blockKey(lz4Volume, 6), asLZ4(contents(6, 2*mib)))
	b.write(blockKey(lz4Volume, 8)+".tmp.1700000000000000000", nil)
	result := run(t, dir, Options{Running: true})
	wantViolations(t, result)
	if v, _ := result.Volume("pvc-lz4"); len(v.InProgress) != 1 || v.InProgress[0] != "b4" || len(v.Backups) != 3 {
		t.Errorf("in progress are %v beside %d backups, want b4 beside 3", v.InProgress, len(v.Backups))
	}
	b.remove(blockKey(lz4Volume, 5))
	wantViolations(t, run(t, dir, Options{Running: true}), Violation{
		Kind: KindBlockMissing, Volume: "pvc-lz4", Backups: []string{"b3"}, Lost: true, Object: blockKey(lz4Volume, 5),
	})
}

// changing is a store in which each listing misses another object.
type changing struct {
	Store
	missed []string
	lists  atomic.Int32
}

func (c *changing) List(ctx context.Context, folder string) iter.Seq2[Object, error] {
	missed := ""
	if n := int(c.lists.Add(1)); n <= len(c.missed) {
		missed = c.missed[n-1]
	}
	return func(yield func(Object, error) bool) {
		for object, err := range c.Store.List(ctx, folder) {
			if object.Key != missed && !yield(object, err) {
				return
			}
		}
	}
}

func TestWhatASecondLookDoesNotFindIsNoViolation(t *testing.T) {
	t.Parallel()
	store := &changing{Store: openDir(t, golden), missed: []string{blockKey(lz4Volume, 5), blockKey(lz4Volume, 4)}}
	result, err := Run(context.Background(), store, Options{Running: true})
	if err != nil {
		t.Fatal(err)
	}
	wantViolations(t, result)
	if v, _ := result.Volume("pvc-lz4"); v.Blocks != 4 {
		t.Errorf("%d blocks, want the 4 of the second look", v.Blocks)
	}
	// Nothing runs: then the first look counts.
	store = &changing{Store: openDir(t, golden), missed: []string{blockKey(lz4Volume, 5)}}
	if result, err = Run(context.Background(), store, Options{}); err != nil || result.Err() == nil {
		t.Errorf("Run = %v, want the missing block", err)
	}
}

// failing is a store that cannot read some object.
type failing struct {
	Store
	key   string
	at    int64 // after how many bytes
	cause error
}

func (f failing) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	body, err := f.Store.Get(ctx, key)
	if key != f.key || err != nil {
		return body, err
	}
	if f.at == 0 {
		return nil, errors.Join(f.cause, body.Close())
	}
	return cut{io.MultiReader(io.LimitReader(body, f.at), broken{f.cause}), body}, nil
}

type cut struct {
	io.Reader
	io.Closer
}

type broken struct{ cause error }

func (b broken) Read([]byte) (int, error) { return 0, b.cause }

func TestAStoreThatCannotBeReadIsAnErrorAndNoViolation(t *testing.T) {
	t.Parallel()
	outage := errors.New("connection refused")
	for _, key := range []string{blockKey(bigVolume, 7), blockKey(lz4Volume, 1), folderOf("pvc-lz4").config(), folderOf("pvc-lz4").backup("b1")} {
		for _, at := range []int64{0, 10} {
			result, err := Run(context.Background(), failing{openDir(t, golden), key, at, outage}, Options{})
			if !errors.Is(err, outage) || result != nil {
				t.Errorf("%s fails after %d bytes: Run = %v, want the outage and no result", key, at, err)
			}
		}
	}
}

func TestABlockThatVanishesWhileItIsReadIsMissing(t *testing.T) {
	t.Parallel()
	result, err := Run(context.Background(), failing{openDir(t, golden), blockKey(bigVolume, 7), 0, fs.ErrNotExist}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantViolations(t, result, Violation{
		Kind: KindBlockMissing, Volume: "pvc-big", Backups: []string{"large"}, Lost: true, Object: blockKey(bigVolume, 7),
	})
}

func TestACancelledAuditIsAnError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if result, err := Run(ctx, openDir(t, golden), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, %v, want the cancellation", result, err)
	}
}

func TestAVolumeThatIsNotThereIsAViolation(t *testing.T) {
	t.Parallel()
	result := run(t, golden, Options{Volumes: []string{"pvc-none", "pvc-gzip", "pvc-gzip"}})
	wantViolations(t, result, Violation{Kind: KindVolumeAbsent, Volume: "pvc-none", Object: folderOf("pvc-none").path})
	if len(result.Volumes) != 1 {
		t.Errorf("%d volumes, want pvc-gzip once", len(result.Volumes))
	}
}

func TestNamesThatCannotBeOnesAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "../../etc", "a/b", "-x"} {
		if _, err := Run(context.Background(), openDir(t, golden), Options{Volumes: []string{name}}); err == nil || !strings.Contains(err.Error(), "name") {
			t.Errorf("Run for volume %q = %v, want a refusal", name, err)
		}
	}
	if _, err := NewDir(path.Join(t.TempDir(), "absent")); err == nil {
		t.Error("NewDir of a directory that is not there succeeded")
	}
}

// counting is a store that notes how many objects are open at most.
type counting struct {
	Store
	open, most atomic.Int32
}

func (c *counting) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	body, err := c.Store.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	now := c.open.Add(1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
	}
	return closing{body, c}, nil
}

type closing struct {
	io.ReadCloser
	of *counting
}

func (c closing) Close() error { c.of.open.Add(-1); return c.ReadCloser.Close() }

func TestFewObjectsAreOpenAtATimeAndNoneInTheEnd(t *testing.T) {
	t.Parallel()
	store := &counting{Store: openDir(t, golden)}
	if _, err := Run(context.Background(), store, Options{}); err != nil {
		t.Fatal(err)
	}
	if most, open := store.most.Load(), store.open.Load(); most > parallel || open != 0 {
		t.Errorf("%d objects were open at a time and %d still are, want at most %d and none", most, open, parallel)
	}
}
