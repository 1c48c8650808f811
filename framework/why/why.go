// Package why finds out why a snapshot, claim, pod or one of Longhorn's own
// resources is not ready: it walks from the object to what that depends on, down
// to Longhorn's resources, the programs that have to run and what they logged, and
// names one cause. It only reads, and depends on no particular driver: the rules
// know Kubernetes, the CSI sidecars and Longhorn's resources.
package why

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/kube"
	"github.com/muster-csi/muster/framework/longhorn"
)

// Source is a cluster that can be asked.
type Source struct {
	// Client reads objects. It must know the kinds of longhorn.NewScheme.
	Client client.Reader
	// Tail reads the end of a container's log since then, at most so many lines; nil reads no logs.
	Tail func(ctx context.Context, pod *corev1.Pod, container string, lines int64, since time.Time) ([]byte, error)
}

// Connect makes a source of the cluster; it talks to the API server only as far as discovery needs.
func Connect(config *rest.Config) (Source, error) {
	scheme, err := longhorn.NewScheme()
	if err != nil {
		return Source{}, err
	}
	c, err := kube.New(config)
	if err != nil {
		return Source{}, err
	}
	reader, err := client.New(c.REST, client.Options{Scheme: scheme})
	if err != nil {
		return Source{}, fmt.Errorf("connect to the cluster at %s: %w", config.Host, err)
	}
	return Source{Client: reader, Tail: c.Tail}, nil
}

// Chain is the answer about one object.
type Chain struct {
	// Subject is what was asked about.
	Subject Subject
	// Ready says that nothing is wrong with it; Cause is empty then.
	Ready bool
	// Deleting says that its deletion was asked for; Cause is what holds it.
	Deleting bool
	// Cause is one clause that ends "… is not ready because".
	Cause string
	// Steps lead from the subject to what it depends on, logs last.
	Steps []Step
}

// Step is one object, event or log line on the way.
type Step struct {
	// What names it, such as "VolumeSnapshot shop/nightly".
	What string
	// Says is what it tells about itself, on one line.
	Says string
}

// Look walks from the subject to what it depends on. The error says that the
// subject itself cannot be read; whatever else cannot be read becomes a step.
func Look(ctx context.Context, source Source, subject Subject) (*Chain, error) {
	l := newLooker(source, time.Now())
	facts, err := l.subject(ctx, subject)
	if err != nil {
		return nil, err
	}
	chain := conclude(subject, facts)
	chain.Steps = append(chain.Steps, l.unread...)
	if !chain.Ready {
		chain.Steps = append(chain.Steps, l.logSteps(ctx, telltale(facts.names()), facts.since())...)
	}
	chain.Steps = withoutRepetition(chain.Steps)
	return chain, nil
}

// conclude names the cause; it depends on the facts only.
func conclude(subject Subject, facts facts) *Chain {
	cause := facts.cause()
	return &Chain{Subject: subject, Ready: cause == "", Deleting: facts.deleting(), Cause: oneLine(cause, causeWidth), Steps: facts.steps()}
}

// facts is what was found out about a subject and what it depends on.
type facts interface {
	// cause is the first rule's that fits, "" when nothing is wrong.
	cause() string
	// deleting says that the subject's deletion was asked for.
	deleting() bool
	// steps describe what was found, the subject first.
	steps() []Step
	// names are those by which logs can tell the objects.
	names() []string
	// since is when the subject was made.
	since() time.Time
}

// Sentence says whether the subject is ready, and the cause if not.
func (c *Chain) Sentence() string {
	switch {
	case c.Deleting:
		return fmt.Sprintf("%s is being deleted and not gone because %s.", c.Subject, c.Cause)
	case c.Ready:
		return fmt.Sprintf("%s is ready.", c.Subject)
	case strings.HasPrefix(c.Cause, c.Subject.String()): // it is the cause itself
		return strings.TrimSuffix(c.Cause, ".") + "."
	}
	return fmt.Sprintf("%s is not ready because %s.", c.Subject, strings.TrimSuffix(c.Cause, "."))
}

// String is the sentence and below it the chain, one step a line, aligned.
func (c *Chain) String() string {
	width := 0
	for _, step := range c.Steps {
		width = max(width, min(len(step.What), whatWidth))
	}
	var text strings.Builder
	text.WriteString(c.Sentence() + "\n\n")
	for _, step := range c.Steps {
		text.WriteString(strings.TrimRight(fmt.Sprintf("%-*s  %s", width, step.What, step.Says), " ") + "\n")
	}
	return text.String()
}

// shortest is the length in bytes of the shortest name that is looked for in logs.
const shortest = 8

// telltale are the names that no line has by chance, such as "default".
func telltale(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return len(name) < shortest })
}
