package imageserver

import (
	"context"
	"io"
)

// WriteContent writes what a volume begins with that is made from the image of
// that name, for whoever has to know it without a server.
func WriteContent(ctx context.Context, w io.Writer, name string) error {
	found, err := parse(name)
	if err != nil {
		return err
	}
	return found.content.write(ctx, w)
}
