// Package front puts something between a driver and the store that misbehaves
// on request: a pod with a Service of its own, so that it works in any cluster.
// The driver reaches the store through it, knowing its address and its
// certificate only.
package front

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/s3"
	"github.com/muster-csi/muster/internal/s3front"
)

// Options says where a front is put.
type Options struct {
	// Namespace must exist. What the front needs goes with it.
	Namespace string
	// Name is that of the pod, the Service and the secret.
	Name string
	// Store is what the front is put before.
	Store backupstore.Store
}

// Front is a running front. Its methods may be called concurrently.
type Front struct {
	Options

	kube  *kube.Client
	ca    []byte
	store s3.Connection
}

// Start makes the front and returns when it serves; the store must be installed.
func Start(ctx context.Context, c *kube.Client, options Options) (*Front, error) {
	store, err := options.Store.Connection(ctx, c)
	if err != nil {
		return nil, err
	}
	f := &Front{Options: options, kube: c, store: store}
	if err := f.create(ctx); err != nil {
		return nil, fmt.Errorf("cannot make the front before the store: %w", err)
	}
	if err := c.PodReady(ctx, f.Namespace, f.Name, timeouts.PodReady); err != nil {
		return nil, err
	}
	return f, nil
}

// Started returns a front that Start has made, in another process perhaps, to make it behave again.
func Started(c *kube.Client, options Options) *Front { return &Front{Options: options, kube: c} }

// Endpoint is the URL under which the driver reaches the store through the front.
func (f *Front) Endpoint() string {
	return fmt.Sprintf("https://%s.%s:%d", f.Name, f.Namespace, port)
}

// Credentials are the contents of a credential secret, under Longhorn's names of
// the keys, for a backup target behind the front.
func (f *Front) Credentials(context.Context) (map[string][]byte, error) {
	return map[string][]byte{
		s3.KeyAccessKeyID:        []byte(f.store.AccessKeyID),
		s3.KeySecretAccessKey:    []byte(f.store.SecretAccessKey),
		s3.KeyEndpoints:          []byte(f.Endpoint()),
		s3.KeyCert:               f.ca,
		s3.KeyVirtualHostedStyle: []byte("false"),
	}, nil
}

// Set makes the front misbehave from now on; the fault before is over.
func (f *Front) Set(ctx context.Context, fault s3front.Fault) error {
	_, err := f.run(ctx, "set", fault.String())
	return err
}

// Clear makes the front behave. It may be called at any time.
func (f *Front) Clear(ctx context.Context) error {
	_, err := f.run(ctx, "clear")
	return err
}

// Stats returns what the front has counted.
func (f *Front) Stats(ctx context.Context) (s3front.Stats, error) {
	var stats s3front.Stats
	text, err := f.run(ctx, "stats")
	if err != nil {
		return stats, err
	}
	if err := json.Unmarshal(text, &stats); err != nil {
		return stats, fmt.Errorf("front %s answered %q instead of its counters: %w", f.Name, strings.TrimSpace(string(text)), err)
	}
	return stats, nil
}

// WaitHeld returns when at least that many requests wait in the front.
func (f *Front) WaitHeld(ctx context.Context, number int64) error {
	return f.wait(ctx, fmt.Sprintf("hold %d requests", number), func(s s3front.Stats) bool { return s.Held >= number })
}

// WaitHits returns when the fault set last has struck at least that often.
func (f *Front) WaitHits(ctx context.Context, number int64) error {
	return f.wait(ctx, fmt.Sprintf("have hit %d requests", number), func(s s3front.Stats) bool { return s.Hits >= number })
}

// WaitRequests returns when at least that many requests of the class and method have come since the front was started.
func (f *Front) WaitRequests(ctx context.Context, class s3front.Class, method string, number int64) error {
	what := fmt.Sprintf("have met %d requests %s %s", number, method, class)
	return f.wait(ctx, what, func(s s3front.Stats) bool { return s.Count(class, method) >= number })
}

// wait polls, because what is counted in a pod cannot be watched.
func (f *Front) wait(ctx context.Context, what string, held func(s3front.Stats) bool) error {
	budget := timeouts.FrontSeen
	var last s3front.Stats
	err := wait.PollUntilContextTimeout(ctx, lookAgain, budget.Limit, true, func(ctx context.Context) (bool, error) {
		stats, err := f.Stats(ctx)
		if err != nil {
			return false, err
		}
		last = stats
		return held(stats), nil
	})
	if err != nil && !wait.Interrupted(err) {
		return fmt.Errorf("wait for front %s to %s: %w", f.Name, what, err)
	}
	if err != nil {
		return fmt.Errorf("waited %s (timeouts.%s) for front %s to %s; last seen: %d held, %d hit: %w", budget.Limit, budget.Name, f.Name, what, last.Held, last.Hits, err)
	}
	return nil
}

func (f *Front) run(ctx context.Context, args ...string) ([]byte, error) {
	command := append([]string{program, "s3-front"}, args...)
	return f.kube.Exec(ctx, f.Namespace, f.Name, container, command...)
}

func (f *Front) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: f.Namespace, Name: f.Name, Labels: map[string]string{"app": f.Name}}
}
