//go:build !linux

package embedded

import (
	"context"

	"github.com/muster-csi/muster/framework/cluster"
	"github.com/muster-csi/muster/framework/components"
)

// Up returns ErrUnsupported.
func Up(context.Context, Config) (*cluster.Info, error) { return nil, ErrUnsupported }

// Check returns ErrUnsupported.
func Check(string) error { return ErrUnsupported }

// Down returns ErrUnsupported.
func Down(context.Context, string) error { return ErrUnsupported }

// DownIn returns ErrUnsupported.
func DownIn(context.Context, string, string) error { return ErrUnsupported }

// Status returns ErrUnsupported.
func Status(context.Context, string) (*cluster.Status, error) { return nil, ErrUnsupported }

// StatusIn returns ErrUnsupported.
func StatusIn(context.Context, string, string) (*cluster.Status, error) { return nil, ErrUnsupported }

// Nodes returns ErrUnsupported.
func (Clusters) Nodes(context.Context, string, *components.Set) ([]cluster.Node, error) {
	return nil, ErrUnsupported
}
