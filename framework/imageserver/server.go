// Package imageserver runs a server of disk images in a cluster: a pod with a
// Service of its own, from which a driver downloads backing images. Images and
// behaviours are those of package internal/imageserver.
package imageserver

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/imageserver"
)

// Options says where a server is put.
type Options struct {
	// Namespace must exist. What the server needs goes with it.
	Namespace string
	// Name is that of the pod and the Service.
	Name string
}

// Server is a running server. Its methods may be called concurrently.
type Server struct {
	Options

	kube *kube.Client
}

// Start makes the server and returns when it answers through its Service.
func Start(ctx context.Context, c *kube.Client, options Options) (*Server, error) {
	s := &Server{Options: options, kube: c}
	if err := s.create(ctx); err != nil {
		return nil, fmt.Errorf("cannot make the image server: %w", err)
	}
	if err := c.PodReady(ctx, s.Namespace, s.Name, timeouts.PodReady); err != nil {
		return nil, err
	}
	return s, nil
}

// URL is that of an image inside the cluster, served in the manner of the
// behaviour, such as http://images.ns:8080/truncated/raw-8m-1.img?times=2. Each
// part of the query is "key=value", with the value as it is: it is escaped here.
func (s *Server) URL(behaviour, image string, query ...string) string {
	address := url.URL{Scheme: "http", Host: s.address(), Path: imageserver.Path(behaviour, image)}
	var parts []string
	for _, part := range query {
		key, value, _ := strings.Cut(part, "=")
		parts = append(parts, url.QueryEscape(key)+"="+url.QueryEscape(value))
	}
	address.RawQuery = strings.Join(parts, "&")
	return address.String()
}

// Sums says what an image holds. The first time the server makes the image, which
// takes seconds for a large one; an unknown image is an error that lists what there is.
func (s *Server) Sums(ctx context.Context, image string) (imageserver.Sums, error) {
	var sums imageserver.Sums
	err := s.ask(ctx, &sums, "sums", image)
	return sums, err
}

// Stats returns what the server has counted.
func (s *Server) Stats(ctx context.Context) (imageserver.Stats, error) {
	var stats imageserver.Stats
	err := s.ask(ctx, &stats, "stats")
	return stats, err
}

// ask runs the program beside the server, since the Service is for the cluster only.
func (s *Server) ask(ctx context.Context, into any, args ...string) error {
	text, err := s.kube.Exec(ctx, s.Namespace, s.Name, container, append([]string{program, subcommand}, args...)...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("image server %s answered %q to %s: %w", s.Name, strings.TrimSpace(string(text)), args[0], err)
	}
	return nil
}

// address is host:port of the Service.
func (s *Server) address() string { return fmt.Sprintf("%s.%s:%d", s.Name, s.Namespace, port) }
