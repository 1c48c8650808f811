package daemon

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/muster-csi/muster/internal/iscsi/admin"
	"github.com/muster-csi/muster/internal/iscsi/failure"
	"github.com/muster-csi/muster/internal/iscsi/portal"
	"github.com/muster-csi/muster/internal/iscsi/record"
	"github.com/muster-csi/muster/internal/iscsi/session"
	"github.com/muster-csi/muster/internal/iscsi/sysfs"
)

// login makes a session for each record, and goes on after one that fails.
func (d *daemon) login(ctx context.Context, request admin.Request) (response admin.Response, err error) {
	records, err := d.chosen(request)
	if err != nil {
		return response, err
	}
	var failed error
	for _, r := range records {
		s, err := d.open(ctx, r)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		response.Sessions = append(response.Sessions, d.describe(s))
	}
	return response, failed
}

func (d *daemon) open(ctx context.Context, r record.Record) (*session.Session, error) {
	defer d.claims.take(r)()
	if len(d.find(r.Target, &r.Portal)) > 0 {
		return nil, failure.New(failure.SessionExists, "a session with %s at %s is there already", r.Target, r.Portal)
	}
	d.mu.Lock()
	d.last++
	id := d.last
	d.mu.Unlock()
	directory := filepath.Join(d.sessionsDirectory(), strconv.Itoa(id))
	s, err := session.Open(ctx, session.Options{ID: id, Record: r, Directory: directory, Initiator: d.options.Initiator})
	if err != nil {
		return nil, err
	}
	if d.options.SysBlock {
		if err := sysfs.Cover(s.Device(), filepath.Join(directory, "view")); err != nil {
			s.Close()
			return nil, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sessions = append(d.sessions, s)
	return s, nil
}

// forSessions logs out of or rescans all sessions that a request is about.
func (d *daemon) forSessions(ctx context.Context, request admin.Request) (response admin.Response, err error) {
	found := d.find(request.Target, request.Portal)
	if len(found) == 0 {
		return response, failure.New(failure.NotFound, "No matching sessions found")
	}
	for _, s := range found {
		described := d.describe(s)
		if request.Operation == admin.Logout {
			d.close(s)
		} else if err := d.rescan(ctx, s); err != nil {
			return response, err
		}
		response.Sessions = append(response.Sessions, described)
	}
	return response, nil
}

// close logs out. The session is listed until it is over; a second call waits for the first.
func (d *daemon) close(s *session.Session) {
	defer d.claims.take(s.Record())()
	if !d.listed(s) {
		return
	}
	if d.options.SysBlock {
		if err := sysfs.Uncover(s.Device()); err != nil {
			slog.Warn("the view of a device stays", "device", s.Device(), "error", err)
		}
	}
	s.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sessions = slices.DeleteFunc(d.sessions, func(other *session.Session) bool { return other == s })
}

func (d *daemon) rescan(ctx context.Context, s *session.Session) error {
	defer d.claims.take(s.Record())()
	if !d.listed(s) {
		return failure.New(failure.NotFound, "No matching sessions found")
	}
	return s.Rescan(ctx)
}

func (d *daemon) listed(s *session.Session) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Contains(d.sessions, s)
}

// find returns the sessions with a target, any for "", at a portal, any for nil.
func (d *daemon) find(target string, at *portal.Portal) []*session.Session {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []*session.Session
	for _, s := range d.sessions {
		if r := s.Record(); (target == "" || r.Target == target) && (at == nil || r.Portal == *at) {
			found = append(found, s)
		}
	}
	return found
}

func (d *daemon) describe(s *session.Session) admin.Session {
	return admin.Session{ID: s.ID(), Record: s.Record(), Initiator: d.options.Initiator, Device: s.Device(), State: s.State()}
}
