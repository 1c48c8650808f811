package daemon

import (
	"context"

	"github.com/muster-csi/muster/internal/iscsi/admin"
	"github.com/muster-csi/muster/internal/iscsi/failure"
)

// Handle does what iscsiadm asks for.
func (d *daemon) Handle(ctx context.Context, request admin.Request) (response admin.Response, err error) {
	switch request.Operation {
	case admin.Discover:
		return d.discover(ctx, request)
	case admin.Records:
		response.Records, err = d.chosen(request)
		return response, err
	case admin.Update:
		return d.update(request)
	case admin.Delete:
		return d.delete(request)
	case admin.Login:
		return d.login(ctx, request)
	case admin.Logout, admin.Rescan:
		return d.forSessions(ctx, request)
	case admin.Sessions:
		for _, s := range d.find(request.Target, request.Portal) {
			response.Sessions = append(response.Sessions, d.describe(s))
		}
		return response, nil
	}
	return response, failure.New(failure.Invalid, "the operation %q is unknown: are iscsiadm and the daemon of one version?", request.Operation)
}
