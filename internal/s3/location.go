package s3

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"
)

// envRegion is the variable that Longhorn asks when a target names no region.
const envRegion = "AWS_REGION"

// Location says where in an S3 store a backup target is.
type Location struct {
	// Bucket is its name.
	Bucket string
	// Region is where the bucket is, never empty.
	Region string
	// Prefix is what the keys of all objects start with: empty, or a path
	// without a slash at its beginning and with one at its end.
	Prefix string
}

// ParseLocation reads the URL of a backup target as Longhorn does:
// s3://bucket@region/path/, of which the path is at least a slash. Without
// @region the environment variable AWS_REGION counts, and without that one
// Region.
func ParseLocation(target string) (Location, error) {
	refuse := func(reason string) (Location, error) {
		return Location{}, fmt.Errorf("backup target %q %s: write it as s3://bucket@region/path/, at least with a slash after the region", target, reason)
	}
	u, err := url.Parse(target)
	if err != nil {
		// Neither target nor cause are repeated: both may hold a secret key.
		return Location{}, errors.New("the backup target cannot be read as a URL: write it as s3://bucket@region/path/")
	}
	if _, secret := u.User.Password(); secret {
		return Location{}, errors.New("the backup target holds a password: write it as s3://bucket@region/path/ and give the keys as a secret")
	}
	if u.Scheme != "s3" {
		return refuse("is no S3 URL")
	}
	bucket, region := u.Host, cmp.Or(os.Getenv(envRegion), Region)
	if u.User != nil {
		bucket, region = u.User.Username(), u.Host
	}
	switch {
	case bucket == "":
		return refuse("names no bucket")
	case region == "":
		return refuse("names no region after the @")
	case u.Path == "":
		return refuse("has no path")
	case strings.ContainsAny(u.Path, "$,"):
		return refuse("has a $ or a comma in its path, which Longhorn refuses")
	case u.RawQuery != "" || u.Fragment != "":
		return refuse("goes on after the path")
	}
	location := Location{Bucket: bucket, Region: region}
	if clean := strings.TrimPrefix(path.Clean("/"+u.Path), "/"); clean != "" {
		location.Prefix = clean + "/"
	}
	return location, nil
}

// String writes the location as the URL of a backup target.
func (l Location) String() string {
	return fmt.Sprintf("s3://%s@%s/%s", l.Bucket, l.Region, l.Prefix)
}
