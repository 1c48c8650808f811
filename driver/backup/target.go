package backup

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// schemes are the kinds of store that this driver can use.
var schemes = []string{"s3", "nfs"}

// ErrNoTarget is returned for a target without a URL.
var ErrNoTarget = errors.New("the backup target has no URL: set spec.backupTargetURL of the BackupTarget, as to s3://bucket@region/path/")

// CheckTarget reports what is wrong with the URL of a backup target (B-21, B-23, B-25).
func CheckTarget(text string) error {
	if text == "" {
		return ErrNoTarget
	}
	target, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("backup target %q is no URL: write it as s3://bucket@region/path/ or nfs://host:/path", text)
	}
	switch {
	case !slices.Contains(schemes, target.Scheme):
		return fmt.Errorf("backup target %q has scheme %q: this driver knows %s", text, target.Scheme, strings.Join(schemes, " and "))
	case strings.Contains(text, "$"):
		return fmt.Errorf("backup target %q contains $, which is not allowed", text)
	case strings.Contains(target.Path, ","):
		return fmt.Errorf("backup target %q contains a comma in its path, which is not allowed", text)
	case target.Scheme == "s3" && (bucketOf(target) == "" || target.Path == ""):
		return fmt.Errorf("backup target %q must be s3://bucket@region/path/ with at least the / at the end", text)
	case target.Scheme == "nfs" && (target.Host == "" || target.Path == ""):
		return fmt.Errorf("backup target %q must be nfs://host:/path", text)
	}
	return nil
}

// bucketOf is what stands before @, or the host where there is no region.
func bucketOf(target *url.URL) string {
	if target.User != nil {
		return target.User.Username()
	}
	return target.Host
}
