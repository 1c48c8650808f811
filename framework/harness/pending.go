package harness

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/timeouts"
)

// refusals is how often a claim must have been refused before it counts as staying Pending: one
// refusal may be a passing state, a second one comes after a back-off and means the driver stands by it.
const refusals = 2

// StaysPending waits until the claim has been refused repeatedly by events that each contain all fragments, and
// is still Pending then. It returns the text of the last such event; a claim that gets Bound is an error.
func (e *Env) StaysPending(ctx context.Context, claim *corev1.PersistentVolumeClaim, fragments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeouts.ClaimRefused.Limit)
	defer cancel()
	for {
		text, err := e.watchRefusals(ctx, claim, fragments)
		if err == nil && text != "" || err != nil && ctx.Err() == nil {
			return text, err
		}
		if ctx.Err() != nil {
			return "", e.notRefused(context.WithoutCancel(ctx), claim, fragments)
		}
	}
}

// notRefused says what was there instead of the expected refusals.
func (e *Env) notRefused(ctx context.Context, claim *corev1.PersistentVolumeClaim, fragments []string) error {
	limit := timeouts.ClaimRefused
	return fmt.Errorf("waited %s (timeouts.%s) for claim %s to be refused %d times by events with %q; last seen: phase %s; recent events: %s",
		limit.Limit, limit.Name, claim.Name, refusals, fragments, e.phase(ctx, claim), e.recentEvents(ctx, claim))
}

// watchRefusals looks at claim and events after every change of the claim and every event about it. It returns
// an empty text when the API server ended a watch.
func (e *Env) watchRefusals(ctx context.Context, claim *corev1.PersistentVolumeClaim, fragments []string) (string, error) {
	in := client.InNamespace(e.Namespace)
	events, err := e.Client.Watch(ctx, &corev1.EventList{}, in, client.MatchingFields{"involvedObject.name": claim.Name})
	if err != nil {
		return "", fmt.Errorf("watch events of claim %s: %w", claim.Name, err)
	}
	defer events.Stop()
	claims, err := e.Client.Watch(ctx, &corev1.PersistentVolumeClaimList{}, in, client.MatchingFields{"metadata.name": claim.Name})
	if err != nil {
		return "", fmt.Errorf("watch claim %s: %w", claim.Name, err)
	}
	defer claims.Stop()
	for {
		var open bool
		select {
		case _, open = <-events.ResultChan():
		case _, open = <-claims.ResultChan():
		}
		if !open {
			return "", nil
		}
		text, err := e.refused(ctx, claim, fragments)
		if err != nil || text != "" {
			return text, err
		}
	}
}

// refused returns the text of the last matching event when there are enough of them and the claim is Pending.
func (e *Env) refused(ctx context.Context, claim *corev1.PersistentVolumeClaim, fragments []string) (string, error) {
	events, err := e.Events(ctx, claim)
	if err != nil {
		return "", err
	}
	var seen int32
	var text string
	for _, event := range events {
		if event.Type == corev1.EventTypeWarning && containsAll(event.Message, fragments) {
			seen += eventCount(event)
			text = event.Message
		}
	}
	var now corev1.PersistentVolumeClaim
	if err := e.Client.Get(ctx, client.ObjectKeyFromObject(claim), &now); err != nil {
		return "", fmt.Errorf("read claim %s: %w", claim.Name, err)
	}
	if now.Status.Phase != corev1.ClaimPending {
		return "", fmt.Errorf("claim %s should have been refused with %q, but its phase is %s", claim.Name, fragments, now.Status.Phase)
	}
	if seen < refusals {
		return "", nil
	}
	return text, nil
}

func (e *Env) phase(ctx context.Context, claim *corev1.PersistentVolumeClaim) string {
	var now corev1.PersistentVolumeClaim
	if err := e.Client.Get(ctx, client.ObjectKeyFromObject(claim), &now); err != nil {
		return err.Error()
	}
	return string(now.Status.Phase)
}

// containsAll compares parts, because the order of fields in Longhorn's error bodies changes from try to try.
func containsAll(text string, fragments []string) bool {
	for _, fragment := range fragments {
		if !strings.Contains(text, fragment) {
			return false
		}
	}
	return true
}

// Outcome says what becomes of a claim whose fate the contract leaves open: "Bound", or the event that refuses it.
func (e *Env) Outcome(ctx context.Context, claim *corev1.PersistentVolumeClaim) string {
	text, err := e.StaysPending(ctx, claim)
	if phase := e.phase(ctx, claim); err != nil && phase == string(corev1.ClaimBound) {
		return phase
	}
	if err != nil {
		return err.Error()
	}
	return text
}
