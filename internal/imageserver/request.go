package imageserver

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
)

// request is one request for an image, and what it is answered with.
type request struct {
	*http.Request
	w      http.ResponseWriter
	server *Server
	image  image
	// number is what the behaviour takes.
	number int64
}

func (q *request) good() error { return q.content(q.w) }

// content sends the image, or the part that was asked for, through w.
func (q *request) content(w http.ResponseWriter) error {
	file, size, err := opened(q.server.store.open(q.Context(), q.image))
	if err != nil {
		return err
	}
	defer file.Close()
	// The name says all about the content.
	w.Header().Set("ETag", strconv.Quote(q.image.name+"-"+strconv.FormatInt(size, 10)))
	w.Header().Set("Content-Type", contentType)
	http.ServeContent(w, q.Request, q.image.name, noTime, file)
	return nil
}

func (q *request) noRange() error {
	file, size, err := opened(q.server.store.open(q.Context(), q.image))
	if err != nil {
		return err
	}
	defer file.Close()
	q.plain(size, file)
	return nil
}

func (q *request) gzip() error {
	file, size, err := opened(q.server.store.openGzip(q.Context(), q.image))
	if err != nil {
		return err
	}
	defer file.Close()
	q.w.Header().Set("Content-Encoding", "gzip")
	q.plain(size, file)
	return nil
}

func (q *request) lying() error {
	file, size, err := opened(q.server.store.open(q.Context(), q.image))
	if err != nil {
		return err
	}
	defer file.Close()
	if q.plain(size+q.number, file); q.Method == http.MethodGet {
		q.breakOff()
	}
	return nil
}

func (q *request) short() error {
	file, size, err := opened(q.server.store.open(q.Context(), q.image))
	if err != nil {
		return err
	}
	defer file.Close()
	if size < q.number {
		http.Error(q.w, fmt.Sprintf("%s has %d bytes and cannot be %d shorter: give a smaller ?by=", q.image.name, size, q.number), http.StatusBadRequest)
		return nil
	}
	q.plain(size-q.number, io.LimitReader(file, size-q.number))
	return nil
}

// plain announces that many bytes and sends the body, whatever part was asked for.
func (q *request) plain(announced int64, body io.Reader) {
	q.w.Header().Set("Content-Type", contentType)
	q.w.Header().Set("Accept-Ranges", "none")
	q.w.Header().Set("Content-Length", strconv.FormatInt(announced, 10))
	q.w.WriteHeader(http.StatusOK)
	if q.Method == http.MethodGet {
		_, _ = io.Copy(q.w, body) // a client that has gone needs nothing more
	}
}

func (q *request) redirect() error {
	if q.number > 1 {
		q.lead(Path(Redirect, q.image.name) + "?times=" + strconv.FormatInt(q.number-1, 10))
		return nil
	}
	q.lead(Path(Good, q.image.name))
	return nil
}

func (q *request) loop() error {
	q.lead(q.URL.Path)
	return nil
}

func (q *request) redirectTo() error {
	q.lead(q.URL.Query().Get("to"))
	return nil
}

// lead sends the client elsewhere. The address is not looked at.
func (q *request) lead(to string) {
	q.w.Header().Set("Location", to)
	q.w.WriteHeader(http.StatusFound)
}

func (q *request) busy() error {
	if !q.server.counts.strikes(q.URL.Path, q.number) {
		return q.good()
	}
	http.Error(q.w, "busy: come back later", http.StatusServiceUnavailable)
	return nil
}

func (q *request) gone() error {
	http.Error(q.w, q.image.name+" is gone", http.StatusNotFound)
	return nil
}

// breakOff ends the request and its connection after what was sent. It does not return.
func (q *request) breakOff() {
	_ = http.NewResponseController(q.w).Flush() // a client that has gone needs nothing more
	panic(http.ErrAbortHandler)
}

// opened adds the file's size in bytes.
func opened(file *os.File, err error) (*os.File, int64, error) {
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}
