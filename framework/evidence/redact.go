package evidence

import "regexp"

// withheld stands where something secret was.
const withheld = "[redacted]"

// secretValue matches a key whose name says that its value is secret, and the value, as YAML, JSON, key=value and
// structured log lines write it.
var secretValue = regexp.MustCompile(
	`(?i)((?:secret[_-]?access[_-]?key|secret[_-]?key|access[_-]?key(?:[_-]?id)?|password|passwd|passphrase|crypto_key_value|token|authorization)"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|(?:Bearer |Basic )?[^\s",;}]+)`)

// privateKey matches a PEM private key.
var privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)

// Redact returns the text with the values of secret keys and private keys replaced.
func Redact(text []byte) []byte {
	text = secretValue.ReplaceAll(text, []byte("${1}"+withheld))
	return privateKey.ReplaceAll(text, []byte(withheld))
}
