//go:build !linux

package loops

import "context"

// Sweep does nothing: only Linux has loop devices.
func Sweep(context.Context, string) error { return nil }
