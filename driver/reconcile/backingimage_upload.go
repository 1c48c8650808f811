package reconcile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/driver/api"
	"github.com/muster-csi/muster/driver/engine"
	"github.com/muster-csi/muster/driver/image"
)

const (
	// uploadHeaderTimeout bounds how long a client may take to say what it wants.
	uploadHeaderTimeout = 10 * time.Second
	// uploadPart is the form field that holds the file, when the body is a form.
	uploadPart = "chunk"
)

// waitsForUpload is what an image of type upload says until somebody sends its file.
const waitsForUpload = "waiting for its file: POST it to /v1/backingimages/<name>?action=upload&size=<bytes>"

// imageUploads takes in the files of BackingImages of type upload, by the request that
// Longhorn's API has for it. It is a manager.Runnable.
type imageUploads struct {
	*backingImages
	address string
}

// Start serves until ctx ends.
func (u *imageUploads) Start(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", u.address)
	if err != nil {
		return fmt.Errorf("listen for uploads of backing images at %s (choose another --upload-address): %w", u.address, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/backingimages/{name}", u.serve)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: uploadHeaderTimeout, BaseContext: func(net.Listener) context.Context { return ctx }}
	stopped := context.AfterFunc(ctx, func() { server.Close() })
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serve answers 200 when the image is complete.
func (u *imageUploads) serve(w http.ResponseWriter, request *http.Request) {
	status, err := u.take(w, request)
	if err != nil {
		http.Error(w, err.Error(), status)
	}
}

func (u *imageUploads) take(w http.ResponseWriter, request *http.Request) (int, error) {
	size, err := strconv.ParseInt(request.URL.Query().Get("size"), 10, 64)
	if action := request.URL.Query().Get("action"); action != "upload" || err != nil || size <= 0 {
		return http.StatusBadRequest, fmt.Errorf("ask for ?action=upload&size=<bytes>, got action %q and size %q", action, request.URL.Query().Get("size"))
	}
	if limit := u.Downloads.MaxBytes; limit > 0 && size > limit {
		return http.StatusRequestEntityTooLarge, fmt.Errorf("%d bytes are more than the %d that --download-limit allows", size, limit)
	}
	object := &longhorn.BackingImage{}
	name := types.NamespacedName{Namespace: u.Namespace, Name: request.PathValue("name")}
	if err := u.reader.Get(request.Context(), name, object); err != nil {
		return http.StatusNotFound, fmt.Errorf("backing image %s: %w", name.Name, err)
	}
	switch {
	case object.Spec.SourceType != longhorn.BackingImageDataSourceTypeUpload:
		return http.StatusConflict, fmt.Errorf("backing image %s is of type %s, not upload", name.Name, object.Spec.SourceType)
	case api.DataNode(object) != u.Node:
		return http.StatusMisdirectedRequest, fmt.Errorf("backing image %s is on node %q: send its file to that node's driver", name.Name, api.DataNode(object))
	case !object.DeletionTimestamp.IsZero() || api.ImageReady(object):
		return http.StatusConflict, fmt.Errorf("backing image %s has its file already, or is being deleted", name.Name)
	}
	body, err := fileOf(request)
	if err != nil {
		return http.StatusBadRequest, err
	}
	if err := u.receive(object, http.MaxBytesReader(w, io.NopCloser(body), size+1), size); err != nil {
		return http.StatusUnprocessableEntity, fmt.Errorf("backing image %s: %w", name.Name, err)
	}
	return http.StatusOK, nil
}

// fileOf returns the file in the body, which is that itself or a form with it.
func fileOf(request *http.Request) (io.Reader, error) {
	form, err := request.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return request.Body, nil
	}
	if err != nil {
		return nil, err
	}
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, fmt.Errorf("find the field %s with the file in the form: %w", uploadPart, err)
		}
		if part.FormName() == uploadPart {
			return part, nil
		}
	}
}

// receive runs the upload as the image's job, so that its progress is shown like that of any other.
func (u *imageUploads) receive(object *longhorn.BackingImage, body io.Reader, size int64) error {
	name, expected := object.Name, object.Spec.Checksum
	key := jobKey{client.ObjectKeyFromObject(object), providing}
	if u.jobs.look(key) != nil {
		return errors.New("another upload is under way")
	}
	running := u.jobs.begin(key, "", func(ctx context.Context, progress func(int)) (engine.ImageInfo, error) {
		return u.Engine.BuildImage(ctx, name, func(dir string) (engine.ImageFacts, error) {
			b := &building{images: u.backingImages, dir: dir, expected: expected, progress: progress}
			return b.upload(ctx, body, size)
		})
	})
	<-running.done
	running.mu.Lock()
	defer running.mu.Unlock()
	return running.err
}

// upload writes what is sent into a file and turns that into a raw one.
func (b *building) upload(ctx context.Context, body io.Reader, size int64) (engine.ImageFacts, error) {
	path := filepath.Join(b.dir, downloadFile)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return engine.ImageFacts{}, err
	}
	defer file.Close()
	sent, err := io.Copy(file, &counted{body, size, b.within(0, 60), 0})
	if err == nil && sent != size {
		err = &image.Refused{Reason: fmt.Sprintf("%d bytes were announced and %d sent", size, sent)}
	}
	if err != nil {
		return engine.ImageFacts{}, b.discard(err)
	}
	return b.finishFile(ctx, path)
}

// counted tells how much of a stream was read, in percent.
type counted struct {
	io.Reader
	size     int64
	progress func(int)
	read     int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	c.progress(int(min(c.read*100/c.size, 100)))
	return n, err
}
