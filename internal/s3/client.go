// Package s3 talks to the S3 bucket that backups go to, with the connection
// details in the form in which Longhorn's credential secret holds them.
package s3

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Keys of the credential secret, as Longhorn's documentation names them.
const (
	KeyAccessKeyID        = "AWS_ACCESS_KEY_ID"
	KeySecretAccessKey    = "AWS_SECRET_ACCESS_KEY"
	KeyEndpoints          = "AWS_ENDPOINTS"
	KeyCert               = "AWS_CERT"
	KeyVirtualHostedStyle = "VIRTUAL_HOSTED_STYLE"
)

// Region is the one that MinIO serves when nothing else is set.
const Region = "us-east-1"

// maxTries bounds how often one request is tried; a wrong certificate or key
// shall be told within about two seconds.
const maxTries = 3

// Connection says how to reach a store. It holds secrets: never log it.
type Connection struct {
	// Endpoint is the URL of the store, https://host:port.
	Endpoint string
	// AccessKeyID and SecretAccessKey authenticate every request.
	AccessKeyID, SecretAccessKey string
	// CA holds the PEM certificates that the server's must lead to. Empty means
	// those of the host.
	CA []byte
	// VirtualHosted puts the bucket into the host name instead of the path.
	VirtualHosted bool
	// Region is where the bucket is. Empty means Region of this package.
	Region string
}

// String names the endpoint only, so that no secret reaches a log by accident.
func (c Connection) String() string { return "S3 store at " + c.Endpoint }

// GoString does the same as String for %#v.
func (c Connection) GoString() string { return c.String() }

// FromLookup reads a Connection from the credential secret's keys, which lookup
// resolves (for example os.LookupEnv). A missing key is an error that names it.
func FromLookup(lookup func(key string) (string, bool)) (Connection, error) {
	var missing []string
	get := func(key string) string {
		value, ok := lookup(key)
		if !ok || value == "" {
			missing = append(missing, key)
		}
		return value
	}
	c := Connection{Endpoint: get(KeyEndpoints), AccessKeyID: get(KeyAccessKeyID), SecretAccessKey: get(KeySecretAccessKey)}
	if ca, ok := lookup(KeyCert); ok {
		c.CA = []byte(ca)
	}
	style, _ := lookup(KeyVirtualHostedStyle)
	c.VirtualHosted = style == "true"
	if len(missing) > 0 {
		return c, fmt.Errorf("%s not set: these keys are in the secret of the backup target", strings.Join(missing, ", "))
	}
	return c, nil
}

// Client returns a client for c that trusts c.CA only. Options adjust the
// transport, for example to dial through a port-forward.
func (c Connection) Client(options ...func(*http.Transport)) (*minio.Client, error) {
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil || endpoint.Host == "" {
		return nil, fmt.Errorf("endpoint %q is no URL: write it as https://host:port", c.Endpoint)
	}
	transport, err := minio.DefaultTransport(endpoint.Scheme == "https")
	if err != nil {
		return nil, fmt.Errorf("cannot prepare the transport to %s: %w", c.Endpoint, err)
	}
	if len(c.CA) > 0 {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(c.CA) {
			return nil, errors.New("AWS_CERT holds no PEM certificate: put the certificate of the store's CA there")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	for _, option := range options {
		option(transport)
	}
	lookup := minio.BucketLookupPath
	if c.VirtualHosted {
		lookup = minio.BucketLookupDNS
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds:        credentials.NewStaticV4(c.AccessKeyID, c.SecretAccessKey, ""),
		Secure:       endpoint.Scheme == "https",
		Transport:    transport,
		Region:       cmp.Or(c.Region, Region),
		BucketLookup: lookup,
		MaxRetries:   maxTries,
	})
	if err != nil {
		return nil, fmt.Errorf("cannot use the store at %s: %w", c.Endpoint, err)
	}
	return client, nil
}
