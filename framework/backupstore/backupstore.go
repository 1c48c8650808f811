// Package backupstore runs the S3 store that backups go to: MinIO in the
// cluster, behind TLS with a certificate of its own, at the address and with the
// secret that Longhorn's documentation uses.
package backupstore

import (
	"context"
	"crypto/rand"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/fixtures"
	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/internal/s3"
)

const (
	// Endpoint is the address of the store inside the cluster.
	Endpoint = "https://minio-service.default:9000"
	// Bucket is the one that backups go to.
	Bucket = "backupbucket"
	// Secret holds the connection details under Longhorn's keys, in SecretNamespace.
	Secret = "minio-secret"
	// SecretNamespace is where Longhorn looks for Secret.
	SecretNamespace = "longhorn-system"

	namespace  = "default"
	deployment = "minio"
	port       = 9000
	tlsSecret  = "minio-tls"
	rootSecret = "minio-root"
)

// names are those under which the Service can be addressed.
var names = []string{
	"minio-service.default", "minio-service.default.svc",
	"minio-service.default.svc.cluster.local", "minio-service", "localhost",
}

// Install brings the store into the cluster and returns when its bucket exists.
// The namespace longhorn-system must be there. Called again it keeps the
// credentials and certificate of the first time.
func Install(ctx context.Context, c *kube.Client) error {
	if err := ensureSecrets(ctx, c); err != nil {
		return err
	}
	objects, err := kube.Decode(ctx, fixtures.FS, "minio")
	if err != nil {
		return err
	}
	if err := c.Apply(ctx, objects...); err != nil {
		return err
	}
	if err := c.DeploymentReady(ctx, namespace, deployment, timeouts.AddonReady); err != nil {
		return err
	}
	return makeBucket(ctx, c)
}

// ensureSecrets makes the three secrets. The one with the connection details
// comes last: if it is there, so are the others.
func ensureSecrets(ctx context.Context, c *kube.Client) error {
	if _, err := c.Core.CoreV1().Secrets(SecretNamespace).Get(ctx, Secret, metav1.GetOptions{}); err == nil {
		return nil
	} else if !apierrors.IsNotFound(err) {
		return fmt.Errorf("cannot look for secret %s: %w", Secret, err)
	}
	id, err := NewIdentity(names)
	if err != nil {
		return err
	}
	user, password := rand.Text(), rand.Text()
	for _, secret := range []*corev1.Secret{
		newSecret(namespace, tlsSecret, map[string][]byte{"public.crt": id.Certificate, "private.key": id.Key}),
		newSecret(namespace, rootSecret, map[string][]byte{"user": []byte(user), "password": []byte(password)}),
		newSecret(SecretNamespace, Secret, map[string][]byte{
			s3.KeyAccessKeyID:        []byte(user),
			s3.KeySecretAccessKey:    []byte(password),
			s3.KeyEndpoints:          []byte(Endpoint),
			s3.KeyCert:               id.CA,
			s3.KeyVirtualHostedStyle: []byte("false"),
		}),
	} {
		if err := replaceSecret(ctx, c, secret); err != nil {
			return err
		}
	}
	return nil
}

func newSecret(namespace, name string, data map[string][]byte) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: data}
}

// replaceSecret puts secret in place of one that an interrupted start has left.
func replaceSecret(ctx context.Context, c *kube.Client, secret *corev1.Secret) error {
	c.Mark(secret)
	secrets := c.Core.CoreV1().Secrets(secret.Namespace)
	_, err := secrets.Create(ctx, secret, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = secrets.Update(ctx, secret, metav1.UpdateOptions{})
	}
	if err != nil {
		return fmt.Errorf("cannot store secret %s/%s: %w", secret.Namespace, secret.Name, err)
	}
	return nil
}
