package imageserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Limits for answers of a server in another process. Sums may have to write and
// read gigabytes first.
const (
	remoteLimit = 4 * time.Second
	sumsLimit   = 2 * time.Minute
)

// Remote is a server in another process.
type Remote struct {
	// Address is its host:port.
	Address string
}

// Sums says what an image holds; an unknown one is an error that lists what there is.
func (r Remote) Sums(ctx context.Context, image string) (Sums, error) {
	var sums Sums
	err := r.get(ctx, "/sums/"+image, sumsLimit, &sums)
	return sums, err
}

// Stats is Server.Stats.
func (r Remote) Stats(ctx context.Context) (Stats, error) {
	var stats Stats
	err := r.get(ctx, "/stats", remoteLimit, &stats)
	return stats, err
}

// Ready returns an error as long as the server does not serve.
func (r Remote) Ready(ctx context.Context) error {
	return r.get(ctx, "/healthz", remoteLimit, nil)
}

// get reads the JSON of an answer that says success into the value, nil for none.
func (r Remote) get(ctx context.Context, path string, limit time.Duration, into any) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, http.MethodGet, "http://"+r.Address+path, nil)
	if err != nil {
		return fmt.Errorf("cannot ask the image server at %s: %w", r.Address, err)
	}
	request.Close = true
	// Not the default transport: a proxy of the environment must not come between.
	answer, err := new(http.Transport).RoundTrip(request)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("the image server at %s did not answer %s within %s, see what else its node has to do: %w", r.Address, path, limit, err)
	}
	if err != nil {
		return fmt.Errorf("cannot reach the image server at %s, is it running: %w", r.Address, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("cannot read what the image server at %s answers: %w", r.Address, err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return errors.New(strings.TrimSpace(string(text)))
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("the image server at %s answered %s with %q: %w", r.Address, path, text, err)
	}
	return nil
}
