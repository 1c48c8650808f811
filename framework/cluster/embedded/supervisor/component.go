//go:build linux

package supervisor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/tools/clientcmd"
)

// pollEvery is how often a starting component is asked whether it is ready.
const pollEvery = 25 * time.Millisecond

// readyWithin bounds the start of one component. It is generous: a busy
// two-core machine needs a fraction of it.
const readyWithin = 90 * time.Second

// component is a long-running program of the cluster.
type component struct {
	name  string
	argv  []string
	ready func(ctx context.Context) error // nil error: ready; else what is missing
}

// launch starts c and returns when it is ready. A component that ends, now or
// later, is reported to the supervisor, which ends the cluster: a cluster that
// silently lost a part would make every later result unexplainable.
func (s *Supervisor) launch(ctx context.Context, c component) error {
	logFile := filepath.Join(logDir, c.name+".log")
	p, err := s.reaper.start(c.name, c.argv, s.env, logFile)
	if err != nil {
		return err
	}
	go func() {
		<-p.done
		s.lost <- fmt.Errorf("%s %s%s", c.name, describe(p.status), LogTail(logFile))
	}()
	return p.await(ctx, c.ready, logFile)
}

// await returns when ready does; an error when the process ends before, or
// when it takes too long.
func (p *process) await(ctx context.Context, ready func(context.Context) error, logFile string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		last := ready(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.done:
			return fmt.Errorf("%s %s before it was ready%s", p.name, describe(p.status), LogTail(logFile))
		case <-ctx.Done():
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return ctx.Err()
			}
			return fmt.Errorf("%s is not ready after %s (last: %v)%s", p.name, readyWithin, last, LogTail(logFile))
		}
	}
}

// listening is ready when something accepts connections at address.
func listening(network, address string) func(context.Context) error {
	return func(ctx context.Context) error {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// healthy is ready when url answers 200. The certificate is not checked: the
// address is a loopback address inside the cluster's own network namespace.
func healthy(url string) func(context.Context) error {
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		DisableKeepAlives: true,
	}}
	return func(ctx context.Context) error { return ask(ctx, client, url) }
}

// serving is ready when the API server behind the kubeconfig answers /readyz,
// which includes the default RBAC roles that all other components need.
func serving(kubeconfig string) func(context.Context) error {
	var client *http.Client
	var url string
	return func(ctx context.Context) error {
		if client == nil {
			config, err := clientcmd.LoadFromFile(kubeconfig)
			if err != nil {
				return err
			}
			current := config.Contexts[config.CurrentContext]
			server, user := config.Clusters[current.Cluster], config.AuthInfos[current.AuthInfo]
			pair, err := tls.X509KeyPair(user.ClientCertificateData, user.ClientKeyData)
			if err != nil {
				return err
			}
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(server.CertificateAuthorityData)
			client = &http.Client{Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}},
			}}
			url = server.Server + "/readyz"
		}
		return ask(ctx, client, url)
	}
}

func ask(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}

// writeConfig writes a configuration file below the state's etc directory and
// returns its path inside the cluster.
func writeConfig(name, content string) (string, error) {
	path := filepath.Join(etcDir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return "", fmt.Errorf("write the configuration %s: %w", name, err)
	}
	return path, nil
}
