package audit

import (
	"context"
	"encoding/xml"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-csi/muster/internal/s3"
)

// bucket serves a directory as an S3 bucket of that name, with the keys below
// "sub/" and two of them in each page of a listing. It checks no signature.
type bucket struct {
	dir     string
	changed bool // something else than reading was asked for
}

type listed struct {
	Key, LastModified string
	Size              int64
}

type page struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	IsTruncated           bool
	NextContinuationToken string
	Contents              []listed
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, "/backups/")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		b.changed = true
		w.WriteHeader(http.StatusForbidden)
	case key == "":
		b.list(w, r.URL.Query().Get("prefix"), r.URL.Query().Get("continuation-token"))
	default:
		content, err := os.ReadFile(filepath.Join(b.dir, strings.TrimPrefix(key, "sub/")))
		if err != nil || !strings.HasPrefix(key, "sub/") {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`<Error><Code>NoSuchKey</Code></Error>`))
			return
		}
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		_, _ = w.Write(content)
	}
}

func (b *bucket) list(w http.ResponseWriter, prefix, after string) {
	var found page
	_ = filepath.WalkDir(b.dir, func(file string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(b.dir, file)
		key := "sub/" + filepath.ToSlash(name)
		if err != nil || entry.IsDir() || !strings.HasPrefix(key, prefix) || key <= after {
			return err
		}
		if len(found.Contents) == 2 {
			found.IsTruncated, found.NextContinuationToken = true, found.Contents[1].Key
			return fs.SkipAll
		}
		info, err := entry.Info()
		found.Contents = append(found.Contents, listed{Key: key, Size: info.Size(), LastModified: info.ModTime().UTC().Format("2006-01-02T15:04:05Z")})
		return err
	})
	text, _ := xml.Marshal(found)
	_, _ = w.Write(text)
}

func TestABucketIsReadLikeADirectory(t *testing.T) {
	t.Parallel()
	dir := copyOfGolden(t)
	bad{t, dir}.remove(blockKey(lz4Volume, 5))
	served := &bucket{dir: dir}
	server := httptest.NewServer(served)
	t.Cleanup(server.Close)
	client, err := s3.Connection{Endpoint: server.URL, AccessKeyID: "id", SecretAccessKey: "key"}.Client()
	if err != nil {
		t.Fatal(err)
	}
	store := NewS3(client, "backups", "sub/")
	result, err := Run(context.Background(), store, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantViolations(t, result, Violation{
		Kind: KindBlockMissing, Volume: "pvc-lz4", Backups: []string{"b3"}, Lost: true, Object: blockKey(lz4Volume, 5),
	})
	if got, want := result.Counts, run(t, dir, Options{}).Counts; got != want {
		t.Errorf("Counts = %+v, want %+v", got, want)
	}
	if err := Restore(context.Background(), store, "pvc-lz4", "b2", make(memory, 12*mib)); err != nil {
		t.Errorf("Restore = %v", err)
	}
	if _, err := SHA256(context.Background(), store, "pvc-lz4", "b9", 0, 1); err == nil || !strings.Contains(err.Error(), "not exist") {
		t.Errorf("SHA256 of a backup that is not there = %v", err)
	}
	if served.changed {
		t.Error("the audit tried to change the bucket")
	}
}
