package imageserver

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Behaviours, the first part of a path. What a behaviour takes is given in the
// query; any other key is answered with 400, so that no spec tests a misspelling.
const (
	// Good sends the image with ranges, ETag and Content-Length. It takes any query,
	// as servers do behind whose signed URLs images are kept.
	Good = "good"
	// Slow is Good at ?kbps= KiB per second, 512 without.
	Slow = "slow"
	// Truncated is Good, but the first ?times= answers (1 without, 0 for all) to an
	// address break off after half of what they announced. An empty image has no half.
	Truncated = "truncated"
	// Lying announces ?by= bytes more than it sends, 4096 without, and has no ranges.
	Lying = "lying"
	// Short announces and sends ?by= bytes less than there are, 4096 without, and
	// has no ranges: a shorter file, and nothing in the answer that tells.
	Short = "short"
	// Redirect leads to Good by ?times= answers 302, 1 without.
	Redirect = "redirect"
	// Loop leads to itself.
	Loop = "loop"
	// RedirectTo leads to ?to=, as it is written there.
	RedirectTo = "redirect-to"
	// Busy answers 503 to the first ?times= requests of a path, HEAD included (2
	// without, 0 for all), whoever they come from, and is Good after that.
	Busy = "busy"
	// Gone answers 404.
	Gone = "gone"
	// Hang is Truncated, but in place of breaking off it sends nothing more until the
	// client leaves.
	Hang = "hang"
	// Gzip sends the image compressed, with Content-Encoding, whatever the client
	// accepts. Content-Length is that of what is sent; there are no ranges.
	Gzip = "gzip"
	// NoRange is Good without ranges and ETag.
	NoRange = "no-range"
)

// Path is that of an image in the manner of a behaviour.
func Path(behaviour, image string) string { return "/" + behaviour + "/" + image }

// behaviour is one way to answer.
type behaviour struct {
	// key is what the query may have, "" for nothing.
	key string
	// preset is the number without that key, and least the smallest that makes sense.
	preset, least int64
	// text says that the key's value is no number, and required.
	text bool
	// any allows every query.
	any   bool
	serve func(*request) error
}

var behaviours = map[string]behaviour{
	Good:       {any: true, serve: (*request).good},
	Slow:       {key: "kbps", preset: 512, least: 1, serve: (*request).slow},
	Truncated:  {key: "times", preset: 1, serve: (*request).truncated},
	Lying:      {key: "by", preset: 4096, least: 1, serve: (*request).lying},
	Short:      {key: "by", preset: 4096, least: 1, serve: (*request).short},
	Redirect:   {key: "times", preset: 1, least: 1, serve: (*request).redirect},
	Loop:       {serve: (*request).loop},
	RedirectTo: {key: "to", text: true, serve: (*request).redirectTo},
	Busy:       {key: "times", preset: 2, serve: (*request).busy},
	Gone:       {serve: (*request).gone},
	Hang:       {key: "times", preset: 1, serve: (*request).hang},
	Gzip:       {serve: (*request).gzip},
	NoRange:    {serve: (*request).noRange},
}

// names lists the behaviours.
func names() string { return strings.Join(slices.Sorted(maps.Keys(behaviours)), ", ") }

// number reads the query. What makes no sense is an error that says what would.
func (b behaviour) number(query url.Values) (int64, error) {
	if b.any {
		return 0, nil
	}
	for key := range query {
		if key != b.key {
			return 0, fmt.Errorf("the query's %q is unknown here: %s", key, b.takes())
		}
	}
	value := query.Get(b.key)
	if b.text && value == "" {
		return 0, fmt.Errorf("the query lacks %s: %s", b.key, b.takes())
	}
	if b.text || value == "" {
		return b.preset, nil
	}
	number, err := strconv.ParseInt(value, 10, 32)
	if err != nil || number < b.least {
		return 0, fmt.Errorf("%s=%s makes no sense: %s", b.key, value, b.takes())
	}
	return number, nil
}

func (b behaviour) takes() string {
	switch {
	case b.key == "":
		return "leave the query out"
	case b.text:
		return "give ?" + b.key + "= and a URL"
	}
	return fmt.Sprintf("give ?%s= and a number from %d on, or leave it out for %d", b.key, b.least, b.preset)
}
