package handle

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

const (
	imageHost   = "backing"
	keyName     = "backingImage"
	keyType     = "backingImageDataSourceType"
	keyChecksum = "backingImageChecksum"
)

// Image is what a bi handle says about a backing image.
type Image struct {
	// Name is the BackingImage's name.
	Name string
	// SourceType is how the image comes about, as "export-from-volume".
	SourceType string
	// Checksum is the expected SHA-512 in hex, "" when none was given.
	Checksum string
	// Parameters are all other keys (H-06).
	Parameters map[string]string
}

// NewExport returns the handle of a backing image exported from a volume (H-04).
func NewExport(image, volume, exportType string) Handle {
	return Handle{Type: Bi, Image: Image{
		Name: image, SourceType: "export-from-volume",
		Parameters: map[string]string{"export-type": exportType, "volume-name": volume},
	}}
}

// encode writes the keys in alphabetical order (H-04). Values are escaped, so
// that a URL survives the way back, which real Longhorn's do not (H-05, H-25);
// for every value that Longhorn itself emits the text is the same.
func (i Image) encode() string {
	values := maps.Clone(i.Parameters)
	if values == nil {
		values = map[string]string{}
	}
	values[keyName], values[keyType] = i.Name, i.SourceType
	if i.Checksum != "" {
		values[keyChecksum] = i.Checksum
	}
	pairs := make([]string, 0, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, url.QueryEscape(key)+"="+url.QueryEscape(values[key]))
	}
	return strings.Join(pairs, "&")
}

// ImageName returns the backing image that a bi handle names, whatever else it
// says, and whether it names one: enough to delete that (D-10).
func ImageName(text string) (string, bool) {
	if !strings.HasPrefix(text, string(Bi)+separator) {
		return "", false
	}
	address, err := url.Parse(text)
	if err != nil {
		return "", false
	}
	name := address.Query().Get(keyName)
	return name, name != ""
}

// parseImage reads a bi handle as a URL: host, path and fragment do not count
// (H-23), the first of repeated keys wins (H-24), a pair with a bad escape or a
// semicolon is dropped (H-22, H-26).
func parseImage(text string) (Handle, error) {
	address, err := url.Parse(text)
	if err != nil {
		return Handle{}, badImage(text)
	}
	query := address.Query()
	image := Image{Name: query.Get(keyName), SourceType: query.Get(keyType), Checksum: query.Get(keyChecksum)}
	if image.Name == "" || image.SourceType == "" {
		return Handle{}, badImage(text)
	}
	for key, values := range query {
		if key == keyName || key == keyType || key == keyChecksum {
			continue
		}
		if image.Parameters == nil {
			image.Parameters = map[string]string{}
		}
		image.Parameters[key] = values[0]
	}
	return Handle{Type: Bi, Image: image}, nil
}
