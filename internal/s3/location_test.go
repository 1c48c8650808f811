package s3

import (
	"strings"
	"testing"
)

func TestLocationsAreReadAsLonghornDoes(t *testing.T) {
	for target, want := range map[string]Location{
		"s3://backupbucket@us-east-1/":   {"backupbucket", "us-east-1", ""},
		"s3://b@eu-west-1/path/to/":      {"b", "eu-west-1", "path/to/"},
		"s3://b@eu-west-1/path":          {"b", "eu-west-1", "path/"},
		"s3://b@eu-west-1//path//to":     {"b", "eu-west-1", "path/to/"},
		"s3://bucket.with.dots@minio/":   {"bucket.with.dots", "minio", ""},
		"s3://bucket/path":               {"bucket", "ap-east-1", "path/"},
		"s3://b@eu-west-1/a%20space/":    {"b", "eu-west-1", "a space/"},
		"s3://backupbucket@us-east-1/./": {"backupbucket", "us-east-1", ""},
	} {
		t.Run(target, func(t *testing.T) {
			t.Setenv(envRegion, "ap-east-1")
			got, err := ParseLocation(target)
			if err != nil || got != want {
				t.Errorf("ParseLocation = %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestALocationWithoutRegionIsInTheUsualOne(t *testing.T) {
	t.Setenv(envRegion, "")
	got, err := ParseLocation("s3://bucket/")
	if err != nil || got.Region != Region {
		t.Errorf("ParseLocation = %+v, %v, want region %s", got, err, Region)
	}
	if again, err := ParseLocation(got.String()); err != nil || again != got {
		t.Errorf("ParseLocation(%s) = %+v, %v, want %+v", got, again, err, got)
	}
}

func TestOtherTargetsAreRefusedWithTheGrammar(t *testing.T) {
	for target, reason := range map[string]string{
		"s3://bucket@us-east-1":                  "has no path",
		"s3://bucket":                            "has no path",
		"s3://@us-east-1/":                       "names no bucket",
		"s3://bucket@/":                          "names no region",
		"s3:///path":                             "names no bucket",
		"nfs://server:/path":                     "is no S3 URL",
		"bucket":                                 "is no S3 URL",
		"s3://bucket@us-east-1/a,b/":             "Longhorn refuses",
		"s3://bucket@us-east-1/$HOME/":           "Longhorn refuses",
		"s3://bucket@us-east-1/?backup=b&volume": "goes on after the path",
	} {
		if got, err := ParseLocation(target); err == nil || !strings.Contains(err.Error(), reason) || !strings.Contains(err.Error(), "s3://bucket@region/path/") {
			t.Errorf("ParseLocation(%q) = %+v, %v, want an error that says %q and the grammar", target, got, err, reason)
		}
	}
}

func TestAPasswordInATargetIsNotRepeated(t *testing.T) {
	for _, target := range []string{"s3://AKIA:do-not-show@us-east-1/", "https://AKIA:do-not-show@host/", "s3://AKIA:do-not-show%@us-east-1/"} {
		_, err := ParseLocation(target)
		if err == nil || strings.Contains(err.Error(), "do-not-show") {
			t.Errorf("ParseLocation = %v, want a refusal without the password", err)
		}
	}
}
