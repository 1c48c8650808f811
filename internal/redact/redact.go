// Package redact takes secrets out of texts before a person gets to see them.
// It knows how texts name secrets and none of the secrets: it is the last line of
// defence behind programs that do not write secrets in the first place.
package redact

import (
	"regexp"
	"slices"
	"strings"
)

// withheld stands where something secret was.
const withheld = "[redacted]"

// secretValue matches a key whose name says that its value is secret, and the value, as YAML, JSON, JSON within a JSON
// string, key=value, URL queries and structured log lines write it. Value and key are on one line.
var secretValue = regexp.MustCompile(
	`(?i)((?:secret[_-]?access[_-]?key|secret[_-]?key|access[_-]?key(?:[_-]?id)?|account[_-]?key|api[_-]?key|client[_-]?secret|\bsecret` +
		`|password|passwd|passphrase|crypto_key_value|token|authorization|x-amz-(?:signature|credential))\\*"?[ \t]*[:=][ \t]*)` +
		`(\\+"[^"\\]*\\+"|"(?:[^"\\]|\\.)*"|(?:Bearer |Basic )?[^\s",;}&\\]+)`)

// secretMap matches the field "secrets" of a CSI request.
var secretMap = regexp.MustCompile(`(\\*"secrets\\*"[ \t]*:[ \t]*)\{[^}]*\}`)

// userInfo matches a password within a URL.
var userInfo = regexp.MustCompile(`(://[^/\s:@"]+:)[^/\s@"]+@`)

// privateKey matches a PEM private key.
var privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)

// harmless are values that a secret cannot have.
var harmless = []string{"", "true", "false", "null", withheld}

// Bytes is Text for what was read from a file or a socket.
func Bytes(text []byte) []byte { return []byte(Text(string(text))) }

// hints are in every text that secretValue could match, in lower case. Most lines of
// a log have none of them, and searching for them is much faster.
var hints = []string{"key", "secret", "passw", "passphrase", "token", "authorization", "x-amz-"}

// Text returns the text with the values of secret keys, passwords in URLs and
// private keys replaced. Doing it twice changes nothing more.
func Text(text string) string {
	lower := strings.ToLower(text)
	if slices.ContainsFunc(hints, func(hint string) bool { return strings.Contains(lower, hint) }) {
		text = secretMap.ReplaceAllString(text, "${1}"+withheld)
		text = secretValue.ReplaceAllStringFunc(text, withhold)
		text = privateKey.ReplaceAllString(text, withheld)
	}
	if strings.Contains(text, "://") {
		text = userInfo.ReplaceAllString(text, "${1}"+withheld+"@")
	}
	return text
}

// withhold replaces the value of what secretValue found, unless it is harmless.
func withhold(found string) string {
	parts := secretValue.FindStringSubmatch(found)
	if slices.Contains(harmless, strings.Trim(parts[2], `\"`)) {
		return found
	}
	return parts[1] + withheld
}
