package s3front

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

// remoteLimit is how long a front may take to answer.
const remoteLimit = 20 * time.Second

// Remote is a front in another process, told what to do through its Admin.
type Remote struct {
	// Address is host:port of the Admin.
	Address string
}

// Set is Front.Set.
func (r Remote) Set(ctx context.Context, fault Fault) error {
	if err := fault.Validate(); err != nil {
		return err
	}
	_, err := r.do(ctx, http.MethodPut, "/fault", fault.String())
	return err
}

// Clear is Front.Clear.
func (r Remote) Clear(ctx context.Context) error {
	_, err := r.do(ctx, http.MethodDelete, "/fault", "")
	return err
}

// Stats is Front.Stats.
func (r Remote) Stats(ctx context.Context) (Stats, error) {
	var stats Stats
	text, err := r.do(ctx, http.MethodGet, "/stats", "")
	if err != nil {
		return stats, err
	}
	if err := json.Unmarshal(text, &stats); err != nil {
		return stats, fmt.Errorf("the front at %s answered with %q instead of its counters: %w", r.Address, text, err)
	}
	return stats, nil
}

// Ready returns an error as long as the front does not serve.
func (r Remote) Ready(ctx context.Context) error {
	_, err := r.do(ctx, http.MethodGet, "/ready", "")
	return err
}

// do returns the body of an answer that says success.
func (r Remote) do(ctx context.Context, method, path, body string) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, remoteLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, method, "http://"+r.Address+path, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("cannot ask the front at %s: %w", r.Address, err)
	}
	request.Close = true
	// Not the default transport: a proxy of the environment must not come between.
	answer, err := new(http.Transport).RoundTrip(request)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("the front at %s did not %s %s within %s, which a client that takes no data can cause: end that client: %w",
			r.Address, method, path, remoteLimit, err)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot reach the front at %s, is it running: %w", r.Address, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("cannot read what the front at %s answers: %w", r.Address, err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return nil, errors.New(strings.TrimSpace(string(text)))
	}
	return text, nil
}
