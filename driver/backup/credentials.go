package backup

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Credentials are the contents of a credential secret, by Longhorn's names of
// the keys (B-26). They must never be logged.
type Credentials map[string]string

// IAMRole is the key whose value is an IAM role and no secret.
const IAMRole = "AWS_IAM_ROLE_ARN"

// known are the keys that reach the library; whatever else a secret holds is none of its business.
var known = []string{
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINTS", "AWS_CERT", "VIRTUAL_HOSTED_STYLE", IAMRole,
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	"CIFS_USERNAME", "CIFS_PASSWORD", "AZBLOB_ACCOUNT_NAME", "AZBLOB_ACCOUNT_KEY", "AZBLOB_ENDPOINT", "AZBLOB_CERT",
}

// public are the keys whose values say nothing that must be hidden.
var public = []string{"AWS_ENDPOINTS", "VIRTUAL_HOSTED_STYLE", IAMRole, "NO_PROXY", "AWS_CERT", "AZBLOB_CERT", "AZBLOB_ENDPOINT"}

// String says that there is something and not what.
func (c Credentials) String() string { return fmt.Sprintf("credentials with %d keys", len(c)) }

// GoString does the same as String for %#v.
func (c Credentials) GoString() string { return c.String() }

// NewCredentials takes the known keys of a secret. A value with white space
// around it is an error that names the key: a store would refuse it later with a
// text that helps nobody, such as SignatureDoesNotMatch.
func NewCredentials(secret string, data map[string][]byte) (Credentials, error) {
	credentials := Credentials{}
	for _, key := range known {
		value, found := data[key]
		if !found {
			continue
		}
		text := string(value)
		if strings.TrimSpace(text) != text {
			return nil, fmt.Errorf("secret %s: the value of %s begins or ends with white space or a new line: write it without, as with echo -n", secret, key)
		}
		credentials[key] = text
	}
	id, key := credentials["AWS_ACCESS_KEY_ID"], credentials["AWS_SECRET_ACCESS_KEY"]
	if (id == "") != (key == "") {
		return nil, fmt.Errorf("secret %s has only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: give both", secret)
	}
	return credentials, nil
}

// environment is the form in which the worker's process gets them.
func (c Credentials) environment() []string {
	var environment []string
	for _, key := range slices.Sorted(maps.Keys(c)) {
		environment = append(environment, key+"="+c[key])
	}
	return environment
}

// redact replaces every secret value in a text, also in the form in which a URL holds it.
func (c Credentials) redact(text string) string {
	for _, key := range slices.Sorted(maps.Keys(c)) {
		value := c[key]
		if len(value) < 4 || slices.Contains(public, key) {
			continue
		}
		for _, form := range []string{value, url.QueryEscape(value), url.PathEscape(value)} {
			text = strings.ReplaceAll(text, form, "["+key+"]")
		}
	}
	return text
}
