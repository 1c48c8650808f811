package harness

import (
	"context"

	"github.com/muster-csi/muster/framework/imageserver"
)

// StartImageServer starts a server from which backing images are downloaded, in
// the spec's namespace, with which it goes. A spec can have one.
func (e *Env) StartImageServer(ctx context.Context) (*imageserver.Server, error) {
	return imageserver.Start(ctx, e.Kube, imageserver.Options{Namespace: e.Namespace, Name: "images"})
}
