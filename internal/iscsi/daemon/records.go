package daemon

import (
	"context"

	"github.com/muster-csi/muster/internal/iscsi/admin"
	"github.com/muster-csi/muster/internal/iscsi/discovery"
	"github.com/muster-csi/muster/internal/iscsi/failure"
	"github.com/muster-csi/muster/internal/iscsi/record"
)

// discover keeps what the portal names, with settings as at the beginning, as iscsiadm does.
func (d *daemon) discover(ctx context.Context, request admin.Request) (response admin.Response, err error) {
	if request.Portal == nil {
		return response, failure.New(failure.Invalid, "discovery needs a portal")
	}
	found, err := discovery.SendTargets(ctx, *request.Portal, d.options.Initiator)
	if err != nil {
		return response, err
	}
	if len(found) == 0 {
		return response, failure.New(failure.NotFound, "the portal %s has no targets for %s", request.Portal, d.options.Initiator)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	response.Records = found
	return response, d.store.Put(found...)
}

// chosen returns the records that a request is about, or that there are none.
func (d *daemon) chosen(request admin.Request) ([]record.Record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pick(request)
}

// pick is chosen for callers that hold the mutex.
func (d *daemon) pick(request admin.Request) ([]record.Record, error) {
	found := d.store.Find(request.Target, request.Portal)
	if len(found) == 0 {
		return nil, failure.New(failure.NotFound, "No records found")
	}
	return found, nil
}

func (d *daemon) update(request admin.Request) (response admin.Response, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	response.Records, err = d.pick(request)
	for i, old := range response.Records {
		changed := record.New(old.Target, old.Portal, old.Group)
		for name, value := range old.Settings {
			changed.Settings[name] = value
		}
		if err := changed.Set(request.Name, request.Value); err != nil {
			return admin.Response{}, err
		}
		response.Records[i] = changed
	}
	if err != nil {
		return response, err
	}
	return response, d.store.Put(response.Records...)
}

func (d *daemon) delete(request admin.Request) (response admin.Response, err error) {
	response.Records, err = d.chosen(request)
	if err != nil {
		return response, err
	}
	for _, r := range response.Records {
		if len(d.find(r.Target, &r.Portal)) > 0 {
			return admin.Response{}, failure.New(failure.SessionExists,
				"a session uses the record of %s at %s: log out first, then delete it", r.Target, r.Portal)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return response, d.store.Delete(response.Records...)
}
