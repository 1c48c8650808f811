package kube

import (
	"context"
	"errors"
	"fmt"

	"github.com/muster-csi/muster/framework/timeouts"
)

// Timeout is the error of a wait whose budget is used up.
type Timeout struct {
	// Waited says what was awaited, for how long and what was seen last.
	Waited string
	// Because is the cause, "" when it is not known.
	Because string
}

// Error ends with the cause.
func (t *Timeout) Error() string {
	if t.Because == "" {
		return t.Waited
	}
	return t.Waited + "; because: " + t.Because
}

// Further adds to the error of a wait what else was found out, before the cause of a Timeout.
func Further(err error, text string) error {
	var timeout *Timeout
	if !errors.As(err, &timeout) {
		return fmt.Errorf("%w; %s", err, text)
	}
	return &Timeout{Waited: timeout.Waited + "; " + text, Because: timeout.Because}
}

// inVain is the error of a wait whose budget is used up.
func (c *Client) inVain(ctx context.Context, ref Ref, budget timeouts.Budget, what, seen string) error {
	timeout := &Timeout{Waited: fmt.Sprintf("waited %s (timeouts.%s) for %s to %s; last seen: %s", budget.Limit, budget.Name, ref, what, seen)}
	if c.Explain != nil {
		timeout.Because = c.Explain(ctx, ref, budget)
	}
	return timeout
}
