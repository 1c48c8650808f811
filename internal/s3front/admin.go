package s3front

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// maxFault bounds the JSON of a fault, in bytes.
const maxFault = 64 << 10

// Admin returns the handler through which a front is told what to do, in JSON:
//
//	PUT /fault     sets the Fault in the body: 204, or 400 with a sentence
//	DELETE /fault  clears it: 204
//	GET /stats     returns Stats
//	GET /ready     204 as soon as the front serves, whatever fault is set
//
// It asks nobody who they are: serve it on the loopback interface only.
func (f *Front) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /fault", f.putFault)
	mux.HandleFunc("DELETE /fault", func(w http.ResponseWriter, r *http.Request) { done(w, f.Clear(r.Context())) })
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(f.Stats()) // a client that has gone needs no answer
	})
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) { done(w, nil) })
	return mux
}

func (f *Front) putFault(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFault))
	if err != nil {
		http.Error(w, fmt.Sprintf("cannot read the fault, of which %d bytes are allowed: %v", maxFault, err), http.StatusBadRequest)
		return
	}
	fault, err := ParseFault(text)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	done(w, f.Set(r.Context(), fault))
}

func done(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
