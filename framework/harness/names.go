package harness

import (
	"strings"

	utilrand "k8s.io/apimachinery/pkg/util/rand"

	"github.com/muster-csi/muster/framework/runid"
)

// maxWords keeps names of namespaces well below Kubernetes' 63 characters, suffix included.
const maxWords = 44

// slug turns a spec's words into a DNS label: lower case, dashes for everything else.
func slug(words string, limit int) string {
	var text strings.Builder
	for _, r := range strings.ToLower(words) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			text.WriteRune(r)
		case text.Len() > 0 && !strings.HasSuffix(text.String(), "-"):
			text.WriteByte('-')
		}
	}
	label := text.String()
	if len(label) > limit {
		label = label[:limit]
		if cut := strings.LastIndexByte(label, '-'); cut > limit/2 {
			label = label[:cut]
		}
	}
	return strings.Trim(label, "-")
}

// uniqueName appends a random suffix, so that parallel specs and kept leftovers never meet.
func uniqueName(words string) string {
	return startingWithLetter(slug(words, maxWords)) + "-" + utilrand.String(5)
}

// namespaceName is the name of a spec's namespace: words of the spec, the run and a random suffix.
func namespaceName(words, run string) string {
	return runid.Name(startingWithLetter(slug(words, maxWords-len(run)-1)), run)
}

func startingWithLetter(label string) string {
	if label == "" || label[0] >= '0' && label[0] <= '9' {
		return strings.TrimSuffix("spec-"+label, "-")
	}
	return label
}
