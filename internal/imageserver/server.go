package imageserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"
)

const (
	contentType = "application/octet-stream"
	// ending is how long answers may go on when the server ends. Those that wait are ended at once.
	ending = 5 * time.Second
)

// noTime leaves Last-Modified out: images have no age.
var noTime time.Time

// Server answers requests for images. Its methods may be called concurrently.
type Server struct {
	log    *log.Logger
	store  *store
	counts *counts
	mux    *http.ServeMux
}

// New returns a server that keeps its images in dir, which is made when it is
// missing. The log gets a line for each answer; it must not be nil.
func New(dir string, log *log.Logger) (*Server, error) {
	store, err := newStore(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{log: log, store: store, counts: newCounts(), mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /{behaviour}/{image}", s.answer)
	s.mux.HandleFunc("GET /sums/{image}", s.answerSums)
	s.mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, s.Stats()) })
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, fmt.Sprintf("there is nothing at %s: ask for /<behaviour>/<image>, /sums/<image>, /stats or /healthz", r.URL.Path), http.StatusNotFound)
	})
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Stats returns what has been counted so far.
func (s *Server) Stats() Stats { return s.counts.report() }

// Serve answers what comes in at the listener until ctx ends; then it gives
// answers that are under way a moment, closes the listener and returns nil.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: s, ErrorLog: s.log, ReadHeaderTimeout: time.Minute,
		// What waits for the client to leave also ends with the server.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), ending)
		defer cancel()
		if server.Shutdown(limited) == nil {
			ended <- nil
			return
		}
		ended <- server.Close() // cuts off what still goes on
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return fmt.Errorf("cannot serve images any more: %w", err)
	}
	return <-ended
}

// answer gives the image in the manner of the behaviour.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	behaviour, known := behaviours[r.PathValue("behaviour")]
	if !known {
		http.Error(w, fmt.Sprintf("there is no behaviour %q: ask for one of %s", r.PathValue("behaviour"), names()), http.StatusNotFound)
		return
	}
	image, err := parse(r.PathValue("image"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	number, err := behaviour.number(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	counting := &counted{ResponseWriter: w, add: func(n int64) { s.counts.change(r.URL.Path, func(t *Traffic) { t.Bytes += n }) }}
	defer s.counts.begin(r)()
	defer func() {
		s.log.Printf("%s %s from %s, range %q: %d, %d bytes", r.Method, r.URL, r.RemoteAddr, r.Header.Get("Range"), counting.status, counting.sent)
	}()
	if err := behaviour.serve(&request{Request: r, w: counting, server: s, image: image, number: number}); err != nil {
		s.fail(counting, r, err)
	}
}

func (s *Server) answerSums(w http.ResponseWriter, r *http.Request) {
	image, err := parse(r.PathValue("image"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	sums, err := s.store.sums(r.Context(), image)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answerJSON(w, sums)
}

// fail tells of an image that could not be made.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.log.Printf("%s %s failed: %v", r.Method, r.URL.Path, err)
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

func answerJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a client that has gone needs no answer
}
