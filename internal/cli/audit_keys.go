package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/internal/s3"
)

// keys are the values of a backup target's secret. Errors about them name keys
// and never show values.
type keys struct {
	lookup func(key string) (string, bool)
	// from says where they are from.
	from string
}

// findKeys gets the keys from where the flags say. The cluster is that of
// --secret, nil without.
func findKeys(ctx context.Context, flags auditFlags) (keys, *kube.Client, error) {
	switch {
	case flags.secret != "":
		c, err := clusterOf(flags.kubeconfig)
		if err != nil {
			return keys{}, nil, err
		}
		found, err := keysOfSecret(ctx, c, flags.secret)
		return found, c, err
	case flags.secretFile != "":
		text, err := os.ReadFile(flags.secretFile)
		if err != nil {
			return keys{}, nil, fmt.Errorf("cannot read the keys: %w", err)
		}
		values, err := parseKeys(text)
		if err != nil {
			return keys{}, nil, fmt.Errorf("%s %w", flags.secretFile, err)
		}
		return mapped(values, flags.secretFile), nil, nil
	}
	return keys{lookup: os.LookupEnv, from: "the environment"}, nil, nil
}

func mapped(values map[string]string, from string) keys {
	return keys{from: from, lookup: func(key string) (string, bool) {
		value, ok := values[key]
		return value, ok
	}}
}

// keysOfSecret reads a secret, given as namespace/name, in a cluster.
func keysOfSecret(ctx context.Context, c *kube.Client, secret string) (keys, error) {
	namespace, name, ok := strings.Cut(secret, "/")
	if !ok || namespace == "" || name == "" || strings.Contains(name, "/") {
		return keys{}, fmt.Errorf("--secret %q is not namespace/name: write it as longhorn-system/minio-secret", secret)
	}
	found, err := c.Core.CoreV1().Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return keys{}, fmt.Errorf("cannot read secret %s: %w", secret, err)
	}
	return mapped(valuesOf(found), "secret "+secret), nil
}

func valuesOf(secret *corev1.Secret) map[string]string {
	values := map[string]string{}
	for key, value := range secret.Data {
		values[key] = string(value)
	}
	for key, value := range secret.StringData { // wins, as in the API server
		values[key] = value
	}
	return values
}

// connection returns how to reach the store. An endpoint that is given wins;
// without any the store is Amazon's, as for Longhorn.
func (k keys) connection(region, endpoint string) (s3.Connection, error) {
	for _, key := range []string{s3.KeyAccessKeyID, s3.KeySecretAccessKey, s3.KeyEndpoints} {
		if value, _ := k.lookup(key); value != strings.TrimSpace(value) {
			return s3.Connection{}, fmt.Errorf("%s in %s begins or ends with white space, which Longhorn refuses: make it with echo -n", key, k.from)
		}
	}
	connection, err := s3.FromLookup(func(key string) (string, bool) {
		if key != s3.KeyEndpoints {
			return k.lookup(key)
		}
		if endpoint != "" {
			return endpoint, true
		}
		if value, _ := k.lookup(key); value != "" {
			return value, true
		}
		return "https://s3." + region + ".amazonaws.com", true
	})
	if err != nil {
		return s3.Connection{}, fmt.Errorf("%s: %w", k.from, err)
	}
	connection.Region = region
	return connection, nil
}

// parseKeys reads the YAML of a secret, which may stand among other objects, or
// lines of KEY=VALUE. What cannot be read is told by its line.
func parseKeys(text []byte) (map[string]string, error) {
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.New("cannot be read as YAML")
		}
		var secret corev1.Secret
		if yaml.Unmarshal(document, &secret) != nil || secret.Kind != "Secret" {
			continue
		}
		if values := valuesOf(&secret); values[s3.KeyAccessKeyID] != "" {
			return values, nil
		}
	}
	return parseLines(string(text))
}

// parseLines reads KEY=VALUE lines as a shell does: comments, export and quotes
// are allowed. In double quotes \n is a new line, for certificates.
func parseLines(text string) (map[string]string, error) {
	values := map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if key = strings.TrimSpace(key); !ok || strings.ContainsAny(key, " \t:{\"'") {
			return nil, fmt.Errorf("is neither the YAML of a secret with %s nor lines of KEY=VALUE: line %d is no such line", s3.KeyAccessKeyID, i+1)
		}
		if size := len(value); size > 1 && value[0] == '\'' && value[size-1] == '\'' {
			value = value[1 : size-1]
		} else if size > 1 && value[0] == '"' {
			var err error
			if value, err = strconv.Unquote(value); err != nil {
				return nil, fmt.Errorf("has in line %d a value whose quotes do not end there: write new lines in it as \\n", i+1)
			}
		}
		values[key] = value
	}
	return values, nil
}
