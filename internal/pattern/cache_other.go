//go:build !linux

package pattern

import "os"

// dropCached has no counterpart outside Linux; reads may come from memory there.
func dropCached(*os.File) {}
